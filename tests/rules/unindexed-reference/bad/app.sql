INSERT INTO accounts (id, external_id) VALUES ($1, $2) ON CONFLICT (external_id) DO NOTHING;
