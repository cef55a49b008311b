-- The schemas that the setting search_path names and that are there, also those that this role may not use.
SELECT n.nspname
FROM regexp_matches(pg_catalog.current_setting('search_path'), '"((?:[^"]|"")*)"|([^",[:space:]]+)', 'g')
     WITH ORDINALITY AS named (part, place)
JOIN pg_catalog.pg_namespace AS n
  ON n.nspname = CASE
       WHEN part[1] = '$user' OR part[2] = '$user' THEN current_user
       WHEN part[1] IS NOT NULL THEN replace(part[1], '""', '"')
       ELSE lower(part[2])
     END
ORDER BY place
