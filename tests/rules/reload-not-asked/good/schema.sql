CREATE TABLE plans (id bigint PRIMARY KEY, name text);

NOTIFY pgrst, 'reload schema';
