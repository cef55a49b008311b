INSERT INTO tags (name, colour) VALUES ('a', 'red') ON CONFLICT (id) DO UPDATE SET colour = excluded.colour;
INSERT INTO tags (name, colour) VALUES ('a', 'blue') ON CONFLICT (id) DO UPDATE SET colour = excluded.colour;
