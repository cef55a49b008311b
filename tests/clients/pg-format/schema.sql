CREATE SCHEMA ops;
CREATE TABLE devices (id serial PRIMARY KEY, serial text UNIQUE, "seenAt" timestamptz);
CREATE TABLE ops.runs (run_id int, step int, state text, PRIMARY KEY (run_id, step));
