import { databaseError, log } from 'writing/errors'

import { pool } from './db.ts'
import type { Profiles } from './profiles.ts'
import type { Cache } from './sync.ts'

export interface Refreshed {
  refreshed: number
  failed: number
  total: number
  errors: { id: string; message: string }[]
}

/**
 * Asks the API anew for everybody an account talks with: the participants of its conversations, and both sides of its
 * messages of the last 30 days, each once and without the account itself. One who fails does not stop the others.
 */
export async function refresh(accountId: string, profiles: Profiles, cache: Cache): Promise<Refreshed> {
  const ids = await participants(accountId)
  const result: Refreshed = { refreshed: 0, failed: 0, total: ids.length, errors: [] }
  for (const id of ids) {
    try {
      const skipped = await cache(accountId, await profiles(id))
      if (skipped) throw new Error(skipped)
      result.refreshed += 1
    } catch (error) {
      result.failed += 1
      result.errors.push({ id, message: (error as Error).message })
      if (databaseError(error).severity) log(`the identity of ${id} is not stored`, error)
    }
  }
  return result
}

async function participants(accountId: string): Promise<string[]> {
  const { rows } = await pool.query(
    `SELECT id FROM (
       SELECT participant_igsid AS id FROM instagram_conversations WHERE ig_account_id = $1
       UNION
       SELECT unnest(ARRAY[m.from_id, m.to_id])
       FROM instagram_messages AS m JOIN instagram_conversations AS c ON c.id = m.conversation_id
       WHERE c.ig_account_id = $1 AND m.sent_at >= now() - interval '30 days'
     ) AS everybody
     WHERE id IS NOT NULL AND NOT starts_with(id, 'UNKNOWN_') AND id <> $1
     ORDER BY id`,
    [accountId],
  )
  return rows.map((row) => row.id)
}
