CREATE TABLE members (
    id bigint PRIMARY KEY,
    account bigint NOT NULL,
    email text NOT NULL,
    handle text,
    UNIQUE (account, email)
);
