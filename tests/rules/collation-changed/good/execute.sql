INSERT INTO people (name, age) VALUES ('Ada', 36) ON CONFLICT (name) DO UPDATE SET age = excluded.age;
