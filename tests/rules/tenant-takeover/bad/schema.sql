CREATE TABLE users (id uuid PRIMARY KEY);
CREATE TABLE members (account_id bigint NOT NULL, user_id uuid NOT NULL, PRIMARY KEY (account_id, user_id));
CREATE TABLE shops (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    external_id text NOT NULL UNIQUE,
    name text
);
ALTER TABLE shops ENABLE ROW LEVEL SECURITY;
CREATE POLICY owners ON shops USING (user_id = (SELECT current_setting('app.user')::uuid));

-- Without a foreign key, and told by a membership.
CREATE TABLE hooks (account_id bigint NOT NULL, url text NOT NULL UNIQUE, secret text);
ALTER TABLE hooks ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON hooks USING (account_id IN (
    SELECT members.account_id FROM members WHERE members.user_id = current_setting('app.user')::uuid
));
