import { pool } from './db.ts'
import type { Identity, Skipped } from './identities.ts'

/** A conversation as the API lists it, with its participants (the account among them) and its last messages. */
export interface Conversation {
  id: string
  updated_time: string
  participants: { data: Identity[] }
  messages?: { data: Message[] }
}

export interface Message {
  id: string
  created_time: string
  from: Identity
  to: { data: Identity[] }
  message?: string
}

export type Cache = (accountId: string | null | undefined, identity: Identity) => Promise<Skipped | null>

export interface Synced {
  conversations: number
  cached: string[]
  skipped: Record<string, number>
}

/** Stores the conversations of an account with their messages, and caches who takes part in them. */
export async function sync(
  locationId: string,
  accountId: string | null,
  conversations: Conversation[],
  cache: Cache,
): Promise<Synced> {
  const result: Synced = { conversations: 0, cached: [], skipped: {} }
  for (const conversation of conversations) {
    if (accountId) result.conversations += await storeConversation(locationId, accountId, conversation)
    for (const participant of conversation.participants.data) {
      const skipped = await cache(accountId, participant)
      if (skipped) result.skipped[skipped] = (result.skipped[skipped] ?? 0) + 1
      else result.cached.push(participant.id)
    }
  }
  return result
}

async function storeConversation(locationId: string, accountId: string, conversation: Conversation): Promise<number> {
  const other = conversation.participants.data.find((each) => each.id !== accountId)
  await pool.query(
    `INSERT INTO instagram_conversations
       (id, location_id, ig_account_id, participant_igsid, participant_username, last_message_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id)
     DO UPDATE SET participant_igsid = coalesce(EXCLUDED.participant_igsid, instagram_conversations.participant_igsid),
                   participant_username = EXCLUDED.participant_username,
                   last_message_at = EXCLUDED.last_message_at,
                   updated_at = now()`,
    [conversation.id, locationId, accountId, other?.id ?? null, other?.username ?? null, conversation.updated_time],
  )
  for (const message of conversation.messages?.data ?? []) {
    await pool.query(
      `INSERT INTO instagram_messages (id, conversation_id, from_id, to_id, text, sent_at)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO NOTHING`,
      [message.id, conversation.id, message.from.id, message.to.data[0].id, message.message ?? null, message.created_time],
    )
  }
  return 1
}
