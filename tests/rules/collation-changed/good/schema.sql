CREATE TABLE people (name text COLLATE pg_c_utf8 PRIMARY KEY, age integer);
