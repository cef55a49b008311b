import { pool } from './db.js'

/** Saves a location install in one statement: the target carries the predicate of the partial index. */
export async function saveLocation(install) {
  await pool.query(
    `INSERT INTO hl_installations (location_id, company_id, access_token, refresh_token, expires_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (location_id) WHERE location_id IS NOT NULL
     DO UPDATE SET access_token = EXCLUDED.access_token,
                   refresh_token = EXCLUDED.refresh_token,
                   expires_at = EXCLUDED.expires_at,
                   updated_at = now()`,
    [install.locationId, install.companyId, install.accessToken, install.refreshToken, install.expiresAt],
  )
}

/** Saves an agency install, through the other partial index. */
export async function saveAgency(install) {
  await pool.query(
    `INSERT INTO hl_installations (company_id, access_token, refresh_token, expires_at)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (company_id) WHERE company_id IS NOT NULL
     DO UPDATE SET access_token = EXCLUDED.access_token,
                   refresh_token = EXCLUDED.refresh_token,
                   expires_at = EXCLUDED.expires_at,
                   updated_at = now()`,
    [install.companyId, install.accessToken, install.refreshToken, install.expiresAt],
  )
}

/** Marks an authorisation code as used; a second use changes nothing. Returns false for a used code. */
export async function useCode(code) {
  const result = await pool.query('INSERT INTO oauth_codes (code) VALUES ($1) ON CONFLICT (code) DO NOTHING', [code])
  return result.rowCount === 1
}
