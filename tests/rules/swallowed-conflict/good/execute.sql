INSERT INTO customers (external_id) VALUES ('a') ON CONFLICT DO NOTHING;
