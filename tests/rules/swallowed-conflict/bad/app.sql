INSERT INTO customers (external_id, email) VALUES ($1, $2) ON CONFLICT DO NOTHING;
