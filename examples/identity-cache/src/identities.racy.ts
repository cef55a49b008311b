import { pool } from './db.ts'
import type { Identity, Skipped } from './identities.ts'

/**
 * The first "fix": the account is part of the key, and nothing is stored without it. Still select, then write: two
 * webhooks at once both see no row and both insert. Works without the unique index, and beside it.
 */
export async function cacheIdentity(accountId: string | null | undefined, identity: Identity): Promise<Skipped | null> {
  if (!accountId) return 'no account id'
  if (!identity.id) return 'no user id'
  if (identity.id === accountId) return 'the account itself'
  const values = [accountId, identity.id, identity.username ?? null, identity.name ?? null, identity.profile_pic ?? null]
  const found = await pool.query('SELECT id FROM instagram_user_cache WHERE ig_account_id = $1 AND ig_user_id = $2', [
    accountId,
    identity.id,
  ])
  if (found.rows.length > 0) {
    await pool.query(
      `UPDATE instagram_user_cache
       SET username = coalesce($3, username), name = coalesce($4, name), profile_pic = coalesce($5, profile_pic),
           profile_pic_url = coalesce($5, profile_pic), last_fetched_at = now()
       WHERE ig_account_id = $1 AND ig_user_id = $2`,
      values,
    )
  } else {
    await pool.query(
      `INSERT INTO instagram_user_cache
         (ig_account_id, ig_user_id, username, name, profile_pic, profile_pic_url, last_fetched_at)
       VALUES ($1, $2, $3, $4, $5, $5, now())`,
      values,
    )
  }
  return null
}
