CREATE TABLE kv (k text PRIMARY KEY, v text, seen timestamptz);
CREATE TABLE logs (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text CONSTRAINT logs_line UNIQUE);
