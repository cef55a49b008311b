CREATE TABLE user_cache (
    account_id text NOT NULL,
    user_id text NOT NULL,
    username text,
    UNIQUE (account_id, user_id)
);
