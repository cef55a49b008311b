CREATE SCHEMA ops;
CREATE TABLE author (
    id serial PRIMARY KEY,
    email text UNIQUE,
    full_name text,
    pen_name text UNIQUE,
    born int,
    UNIQUE (full_name, born)
);
CREATE TABLE ops.books (isbn text PRIMARY KEY, title text, author_id int REFERENCES author);
CREATE UNIQUE INDEX books_title ON ops.books (lower(title));
CREATE TABLE people (id serial PRIMARY KEY, email text UNIQUE, pen_name text);
