// Caches identities from recorded conversations and webhooks, then refreshes them; `--seconds N` makes it a concurrent
// writer. Needs DATABASE_URL. Codes: repaired, racy (select, then write; runs with and without the unique index) and
// broken (keyed by the person alone, the account left out at times).
import { readFileSync } from 'node:fs'

import { run } from 'writing/program'

import { pool } from './db.ts'
import { recordedProfiles } from './profiles.ts'
import { refresh } from './refresh.ts'
import { sync, type Cache } from './sync.ts'
import { handleWebhook } from './webhook.ts'

const CODES: Record<string, () => Promise<{ cacheIdentity: Cache }>> = {
  repaired: () => import('./identities.ts'),
  racy: () => import('./identities.racy.ts'),
  broken: () => import('./identities.broken.ts'),
}

interface Options {
  code: string
  recorded?: string
}

/** One sync, the webhooks that came meanwhile, and a refresh. */
async function once({ code, recorded }: Options) {
  const { cacheIdentity } = await CODES[code]()
  const profiles = recordedProfiles(recording('profiles.json', recorded))
  const { account_id, location_id, conversations } = readJson(recording('conversations.json', recorded))
  const synced = await sync(location_id, account_id, conversations.data, cacheIdentity)
  const unknown = await sync(location_id, null, conversations.data, cacheIdentity)
  const webhooks = []
  for (const webhook of readJson(recording('webhooks.json', recorded))) {
    webhooks.push(...(await handleWebhook(webhook, profiles, cacheIdentity)))
  }
  return { sync: synced, without_account: unknown, webhooks, refresh: await refresh(account_id, profiles, cacheIdentity) }
}

/** Participant number `n` of one of ten accounts. The broken code does not know the account of every eighth. */
async function write({ code }: Options, n: number) {
  const { cacheIdentity } = await CODES[code]()
  const account = `1784140000000000${n % 10}`
  const userId = `5${String(n).padStart(15, '0')}`
  const identity = { id: userId, username: `user.${n}`, name: `User ${n}`, profile_pic: `https://cdn.invalid/${n}.jpg` }
  await cacheIdentity(code === 'broken' && n % 8 === 0 ? null : account, identity)
  return `${account} ${userId}`
}

function recording(name: string, directory?: string): string | URL {
  return directory ? `${directory}/${name}` : new URL(`../recorded/${name}`, import.meta.url)
}

function readJson(path: string | URL) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

await run({ codes: Object.keys(CODES), once, write, end: () => pool.end() })
