CREATE SCHEMA music;
CREATE TABLE music.manager (id uuid PRIMARY KEY, full_name text);
CREATE TABLE rock_band (
    id serial PRIMARY KEY,
    name text CONSTRAINT rock_band_name UNIQUE,
    manager uuid,
    popularity int,
    UNIQUE (name, manager)
);
