import { pool } from './db.ts'
import type { Identity } from './identities.ts'

/**
 * As it stood: who a person is depends on their id alone, so that one account overwrites what another one knows, and
 * where the sync does not know the account a row without it is added. The inbox, which looks by account, finds nobody.
 */
export async function cacheIdentity(accountId: string | null | undefined, identity: Identity): Promise<null> {
  const found = await pool.query('SELECT id FROM instagram_user_cache WHERE ig_user_id = $1', [identity.id])
  if (found.rows.length > 0) {
    await pool.query(
      'UPDATE instagram_user_cache SET username = $2, profile_pic = $3, last_fetched_at = now() WHERE id = $1',
      [found.rows[0].id, identity.username, identity.profile_pic],
    )
  } else {
    await pool.query(
      `INSERT INTO instagram_user_cache (ig_account_id, ig_user_id, username, profile_pic, last_fetched_at)
       VALUES ($1, $2, $3, $4, now())`,
      [accountId, identity.id, identity.username, identity.profile_pic],
    )
  }
  return null
}
