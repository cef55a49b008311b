CREATE TABLE accounts (id bigint PRIMARY KEY, external_id text NOT NULL UNIQUE);
CREATE TABLE messages (id bigint PRIMARY KEY, account bigint REFERENCES accounts (id), body text);
