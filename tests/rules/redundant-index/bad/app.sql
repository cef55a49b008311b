INSERT INTO orders (id, number, note) VALUES (1, 'a', 'first')
ON CONFLICT (number) DO UPDATE SET note = excluded.note;
