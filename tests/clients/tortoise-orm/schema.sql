CREATE SCHEMA games;
CREATE TABLE team (id serial PRIMARY KEY, name text UNIQUE);
CREATE TABLE games.events (
    id serial PRIMARY KEY,
    added timestamptz,
    event_code text,
    team_id int,
    state int DEFAULT 1,
    UNIQUE (event_code, team_id)
);
