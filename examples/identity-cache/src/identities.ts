import { pool } from './db.ts'

/** What the API tells of a person: the sync knows little, the profile endpoint more. */
export interface Identity {
  id: string
  username?: string | null
  name?: string | null
  profile_pic?: string | null
}

/** Why somebody is not cached. */
export type Skipped = 'no account id' | 'no user id' | 'the account itself'

/**
 * Remembers who a participant is, as one account knows them. What the API did not tell this time stays as it was.
 * Never for the account itself, never without an account or a participant: returns why, or null when it is stored.
 */
export async function cacheIdentity(accountId: string | null | undefined, identity: Identity): Promise<Skipped | null> {
  if (!accountId) return 'no account id'
  if (!identity.id) return 'no user id'
  if (identity.id === accountId) return 'the account itself'
  await pool.query(
    `INSERT INTO instagram_user_cache
       (ig_account_id, ig_user_id, username, name, profile_pic, profile_pic_url, last_fetched_at)
     VALUES ($1, $2, $3, $4, $5, $5, now())
     ON CONFLICT (ig_account_id, ig_user_id)
     DO UPDATE SET username = coalesce(EXCLUDED.username, instagram_user_cache.username),
                   name = coalesce(EXCLUDED.name, instagram_user_cache.name),
                   profile_pic = coalesce(EXCLUDED.profile_pic, instagram_user_cache.profile_pic),
                   profile_pic_url = coalesce(EXCLUDED.profile_pic, instagram_user_cache.profile_pic),
                   last_fetched_at = EXCLUDED.last_fetched_at`,
    [accountId, identity.id, identity.username ?? null, identity.name ?? null, identity.profile_pic ?? null],
  )
  return null
}
