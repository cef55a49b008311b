CREATE TABLE accounts (
    external_id text PRIMARY KEY,
    owner text NOT NULL DEFAULT current_user,
    name text NOT NULL
);
GRANT ALL ON accounts TO app;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY insert_own ON accounts FOR INSERT TO app WITH CHECK (owner = current_user);
CREATE POLICY update_own ON accounts FOR UPDATE TO app USING (owner = current_user);
