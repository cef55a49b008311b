INSERT INTO prices (id, sku, net) OVERRIDING SYSTEM VALUE VALUES (1, 'a', 2)
ON CONFLICT (sku) DO UPDATE SET net = EXCLUDED.net;
INSERT INTO prices (sku, net, gross) VALUES ('a', 2, DEFAULT) ON CONFLICT (sku) DO UPDATE SET net = EXCLUDED.net;
