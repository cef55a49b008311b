CREATE SCHEMA iot;
CREATE TABLE users (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    full_name text,
    shouted text GENERATED ALWAYS AS (upper(full_name)) STORED,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz
);
CREATE TABLE iot.devices (
    org_id int, serial text, "label" text, "lastSeen" timestamptz, freed_at timestamptz, kind text
);
CREATE UNIQUE INDEX ON iot.devices (org_id, serial);
CREATE UNIQUE INDEX ON iot.devices (serial) WHERE freed_at IS NULL;
CREATE UNIQUE INDEX ON iot.devices (serial, label) WHERE kind = 'x';
CREATE TABLE app_notes (note_id text PRIMARY KEY, "noteText" text);
CREATE TABLE app_tags (tag_id text PRIMARY KEY, tag_name text, html2_text text);
