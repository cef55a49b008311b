CREATE TABLE members (account bigint PRIMARY KEY, email text);
CREATE UNIQUE INDEX members_email ON members (email);
