CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    phone text NOT NULL UNIQUE,
    name text
);
CREATE TABLE messages (contact_id uuid NOT NULL REFERENCES contacts (id), body text);
