import { pool } from './db.js'

/** The first "fix": select, then update or insert. Two installs at once both see no row and both insert. */
export async function saveLocation(install) {
  const found = await pool.query('SELECT id FROM hl_installations WHERE location_id = $1', [install.locationId])
  if (found.rows.length > 0) {
    await pool.query(
      'UPDATE hl_installations SET access_token = $2, refresh_token = $3, expires_at = $4, updated_at = now() WHERE id = $1',
      [found.rows[0].id, install.accessToken, install.refreshToken, install.expiresAt],
    )
  } else {
    await pool.query(
      `INSERT INTO hl_installations (location_id, company_id, access_token, refresh_token, expires_at)
       VALUES ($1, $2, $3, $4, $5)`,
      [install.locationId, install.companyId, install.accessToken, install.refreshToken, install.expiresAt],
    )
  }
}
