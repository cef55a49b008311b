CREATE SCHEMA ops;
CREATE TABLE prices (id serial PRIMARY KEY, sku text UNIQUE, amount_cents int, note text);
CREATE UNIQUE INDEX prices_noted ON prices (note) WHERE amount_cents IS NULL;
CREATE TABLE "UserStatuses" (
    id serial PRIMARY KEY,
    email text UNIQUE,
    handle text UNIQUE,
    "isActive" boolean,
    "createdAt" timestamptz NOT NULL,
    "updatedAt" timestamptz NOT NULL
);
CREATE TABLE ops.order_items (
    order_id int,
    line_no int,
    item_name text,
    created_at timestamptz,
    modified timestamptz,
    PRIMARY KEY (order_id, line_no),
    UNIQUE (item_name)
);
CREATE TABLE documents (id uuid PRIMARY KEY, title text, slug text UNIQUE, lang text, UNIQUE (slug, lang));
