-- All that changes how the server prints an expression, and how long it waits for a lock.
SELECT pg_catalog.set_config('search_path', '', true),
       pg_catalog.set_config('client_encoding', 'UTF8', true),
       pg_catalog.set_config('standard_conforming_strings', 'on', true),
       pg_catalog.set_config('quote_all_identifiers', 'off', true),
       pg_catalog.set_config('datestyle', 'ISO, MDY', true),
       pg_catalog.set_config('intervalstyle', 'postgres', true),
       pg_catalog.set_config('timezone', 'UTC', true),
       pg_catalog.set_config('bytea_output', 'hex', true),
       pg_catalog.set_config('extra_float_digits', '1', true),
       pg_catalog.set_config('jit', 'off', true),
       pg_catalog.set_config('lock_timeout', %(lock_timeout)s, true);
