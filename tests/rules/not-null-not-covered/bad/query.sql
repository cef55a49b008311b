INSERT INTO accounts (external_id, seen) VALUES ('x', 1) ON CONFLICT (external_id) DO UPDATE SET seen = EXCLUDED.seen;
