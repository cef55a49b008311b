INSERT INTO contacts (id, name, note) VALUES (1, 'A.', 'friend'), (2, 'Ben', NULL);

-- What PostgREST makes of the first request.
INSERT INTO contacts (id, name, note)
SELECT id, name, note
FROM json_to_recordset('[{"id": 1, "name": "Ann"}, {"id": 2, "note": "moved"}]') AS _ (id bigint, name text, note text)
ON CONFLICT (id) DO UPDATE SET id = excluded.id, name = excluded.name, note = excluded.note;

SELECT bool_and(lost) FROM (
    SELECT note IS NULL FROM contacts WHERE id = 1
    UNION ALL
    SELECT name IS NULL FROM contacts WHERE id = 2
) AS contacts (lost);
