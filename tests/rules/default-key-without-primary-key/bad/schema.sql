CREATE TABLE tags (name text NOT NULL, colour text);
