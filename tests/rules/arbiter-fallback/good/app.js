import pg from 'pg'

const pool = new pg.Pool()

export async function save(locationId, token) {
  try {
    await pool.query(
      `INSERT INTO installations (location_id, token) VALUES ($1, $2)
       ON CONFLICT (location_id) DO UPDATE SET token = EXCLUDED.token`,
      [locationId, token],
    )
  } catch (error) {
    if (error.code === '42P10') throw new Error('the unique index on installations (location_id) is missing')
    throw error
  }
}
