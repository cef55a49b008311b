CREATE SCHEMA iot;
CREATE TYPE "Role" AS ENUM ('member', 'OWNER');
CREATE TABLE users (
    id serial PRIMARY KEY, email text NOT NULL UNIQUE, full_name text, role "Role" NOT NULL DEFAULT 'member',
    score int NOT NULL DEFAULT 0, tags text[], created_at timestamp NOT NULL DEFAULT now(), updated_at timestamp NOT NULL
);
CREATE TABLE memberships (
    org_id int, user_id int REFERENCES users, role text NOT NULL, note text, PRIMARY KEY (org_id, user_id)
);
CREATE TABLE iot."Device" (
    id text PRIMARY KEY, slug text NOT NULL, "orgId" int NOT NULL, serial text NOT NULL, label text,
    seen int NOT NULL DEFAULT 7, "userId" int REFERENCES users
);
CREATE UNIQUE INDEX ON iot."Device" ("orgId", serial);
CREATE TABLE "Tag" (id serial PRIMARY KEY, name text NOT NULL UNIQUE, hits int NOT NULL DEFAULT 0);
