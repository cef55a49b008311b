CREATE TABLE steps (
    id bigint PRIMARY KEY,
    place integer NOT NULL,
    CONSTRAINT steps_place_key UNIQUE (place) DEFERRABLE
);
