INSERT INTO contacts (id, phone) VALUES ('aaaaaaaa-0000-4000-8000-000000000000', '1');
INSERT INTO messages VALUES ('aaaaaaaa-0000-4000-8000-000000000000', 'hello');
INSERT INTO contacts (id, phone, name) VALUES ('bbbbbbbb-0000-4000-8000-000000000000', '1', 'n')
ON CONFLICT (phone) DO UPDATE SET id = excluded.id, phone = excluded.phone, name = excluded.name;
