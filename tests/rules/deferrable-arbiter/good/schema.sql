CREATE TABLE steps (
    id bigint PRIMARY KEY,
    place integer NOT NULL,
    CONSTRAINT steps_id_place_key UNIQUE (id, place) DEFERRABLE
);
