import { pool } from './db.js'

/** Saves a location install. Fails with 42P10 on every call: no total unique index on location_id. */
export async function saveLocation(install) {
  await pool.query(
    `INSERT INTO hl_installations (location_id, company_id, access_token, refresh_token, expires_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (location_id)
     DO UPDATE SET access_token = EXCLUDED.access_token,
                   refresh_token = EXCLUDED.refresh_token,
                   expires_at = EXCLUDED.expires_at,
                   updated_at = now()`,
    [install.locationId, install.companyId, install.accessToken, install.refreshToken, install.expiresAt],
  )
}
