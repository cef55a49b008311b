CREATE TABLE users (id uuid PRIMARY KEY);
CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    external_id text NOT NULL UNIQUE,
    name text
);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY owners ON accounts USING (user_id = current_setting('app.user')::uuid);
