import pg from 'pg'

const pool = new pg.Pool()

export async function save(locationId, token) {
  const found = await pool.query('SELECT id FROM installations WHERE location_id = $1', [locationId])
  if (found.rows.length > 0) {
    await pool.query('UPDATE installations SET token = $2 WHERE id = $1', [found.rows[0].id, token])
  } else {
    await pool.query('INSERT INTO installations (location_id, token) VALUES ($1, $2)', [locationId, token])
  }
}
