INSERT INTO customers (external_id, email) VALUES ('a', 'office@example.org') ON CONFLICT DO NOTHING;
INSERT INTO customers (external_id, email) VALUES ('b', 'office@example.org') ON CONFLICT DO NOTHING;
SELECT count(*) = 0 FROM customers WHERE external_id = 'b';
