-- While the index is missing, two sessions that took the other way both see no row.
DROP INDEX installations_location_key;

INSERT INTO installations (location_id, token) VALUES ('here', 'first');
INSERT INTO installations (location_id, token) VALUES ('here', 'second');

SELECT count(*) > 1 FROM installations WHERE location_id = 'here';
