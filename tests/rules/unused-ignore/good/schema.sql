CREATE TABLE app_user (id bigint PRIMARY KEY, account text, email text NOT NULL, UNIQUE (account, email));
