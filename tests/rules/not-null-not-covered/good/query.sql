INSERT INTO accounts (external_id, name) VALUES ('x', 'y') ON CONFLICT (external_id) DO UPDATE SET name = EXCLUDED.name;
