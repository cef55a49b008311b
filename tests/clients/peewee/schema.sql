CREATE SCHEMA shop;
CREATE TABLE shop.owner (id serial PRIMARY KEY, name text CONSTRAINT owner_name UNIQUE);
CREATE TABLE shop.stockitem (
    id serial PRIMARY KEY,
    code text,
    owner_id int,
    amount int,
    gone timestamp,
    added timestamp,
    UNIQUE (code, owner_id)
);
CREATE UNIQUE INDEX ON shop.stockitem (code) WHERE amount = 3;
CREATE TABLE kv (k text PRIMARY KEY, v text);
