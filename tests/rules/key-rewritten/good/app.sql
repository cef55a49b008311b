INSERT INTO contacts (id, phone, name) VALUES ($1, $2, $3)
ON CONFLICT (phone) DO UPDATE SET id = contacts.id, name = excluded.name;
