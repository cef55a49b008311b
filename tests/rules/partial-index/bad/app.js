import pg from 'pg'

const pool = new pg.Pool()

export const save = (locationId, token) =>
  pool.query(
    `INSERT INTO installations (location_id, token) VALUES ($1, $2)
     ON CONFLICT (location_id) DO UPDATE SET token = EXCLUDED.token`,
    [locationId, token],
  )
