CREATE TABLE accounts (
    external_id text PRIMARY KEY,
    name text NOT NULL
);
GRANT INSERT, SELECT ON accounts TO app;
GRANT UPDATE (external_id, name) ON accounts TO app;
