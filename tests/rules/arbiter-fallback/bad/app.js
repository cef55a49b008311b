import pg from 'pg'
import { saveByHand } from './by-hand.js'

const pool = new pg.Pool()

export async function save(locationId, token) {
  try {
    await pool.query(
      `INSERT INTO installations (location_id, token) VALUES ($1, $2)
       ON CONFLICT (location_id) DO UPDATE SET token = EXCLUDED.token`,
      [locationId, token],
    )
  } catch (error) {
    if (error.code !== '42P10') throw error
    await saveByHand(locationId, token)
  }
}
