INSERT INTO prices (id, sku, net) VALUES (1, 'a', 2) ON CONFLICT (sku) DO UPDATE SET net = EXCLUDED.net;
