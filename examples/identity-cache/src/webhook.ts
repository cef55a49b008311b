import type { Skipped } from './identities.ts'
import type { Profiles } from './profiles.ts'
import type { Cache } from './sync.ts'

/** What the platform posts: for each account, who wrote to whom. */
export interface Webhook {
  entry: { id?: string; messaging: { sender: { id: string }; recipient: { id: string } }[] }[]
}

/** Caches the other side of each message, whoever sent it. Returns what became of each, in order. */
export async function handleWebhook(webhook: Webhook, profiles: Profiles, cache: Cache): Promise<string[]> {
  const outcomes: string[] = []
  for (const entry of webhook.entry) {
    for (const { sender, recipient } of entry.messaging) {
      const other = sender.id === entry.id ? recipient.id : sender.id
      outcomes.push(await remember(entry.id, other, profiles, cache))
    }
  }
  return outcomes
}

/** A message is stored even when the profile endpoint fails: the person is then cached by id, and named by a refresh. */
async function remember(
  accountId: string | undefined,
  userId: string,
  profiles: Profiles,
  cache: Cache,
): Promise<string> {
  const identity = await profiles(userId).catch(() => ({ id: userId }))
  const skipped: Skipped | null = await cache(accountId, identity)
  return skipped ?? userId
}
