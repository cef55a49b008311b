import pg from 'pg'

const pool = new pg.Pool()

export async function save(locationId, token) {
  await pool.query(
    `INSERT INTO installations (location_id, token) VALUES ($1, $2)
     ON CONFLICT (location_id) WHERE location_id IS NOT NULL DO UPDATE SET token = EXCLUDED.token`,
    [locationId, token],
  )
}
