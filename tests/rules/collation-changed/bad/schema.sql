CREATE TABLE people (name text COLLATE pg_c_utf8 PRIMARY KEY, age integer);

-- As after an upgrade of the system below the server.
UPDATE pg_collation SET collversion = '0' WHERE collname = 'pg_c_utf8';
