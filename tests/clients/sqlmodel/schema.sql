CREATE SCHEMA league;
CREATE TABLE heroteam (
    id serial PRIMARY KEY,
    name text CONSTRAINT team_name UNIQUE,
    secret_name text,
    age int,
    gone timestamptz
);
CREATE UNIQUE INDEX ON heroteam (secret_name) WHERE gone IS NULL;
CREATE TABLE league.players (player_no int PRIMARY KEY, name text);
