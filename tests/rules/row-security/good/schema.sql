CREATE TABLE accounts (
    owner text DEFAULT current_user,
    external_id text,
    name text NOT NULL,
    PRIMARY KEY (owner, external_id)
);
GRANT ALL ON accounts TO app;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts TO app USING (owner = current_user);
