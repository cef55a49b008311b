CREATE TABLE "People" (
    id serial PRIMARY KEY,
    e_mail text UNIQUE,
    "nickName" text,
    "isOpen" boolean,
    born timestamptz,
    "updatedAt" timestamptz
);
CREATE TABLE sale_points (code text, region text, "label" text, PRIMARY KEY (code), UNIQUE (region, label));
