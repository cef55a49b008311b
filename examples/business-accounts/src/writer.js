// Stores the pages of recorded token exchanges; `--seconds N` makes it a concurrent writer.
// Needs SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY and TOKEN_KEY. Codes: repaired and broken (PGRST204 on every call).
// As a concurrent writer it stores account N of user 00000000-0000-4000-8000-N (twelve digits): where users are
// referenced, they have to be there.
import { readFileSync } from 'node:fs'

import { run } from 'writing/program'
import { keyOf } from 'writing/sealing'

import { connectPage, connectPages } from './connect-pages.js'
import * as repaired from './store-account.js'

const RECORDED = new URL('../recorded/exchanges.json', import.meta.url)
const CODES = { repaired: async () => repaired, broken: () => import('./store-account.broken.js') }

/** All recorded exchanges, each a user with the pages that the API told of. */
async function once({ code, recorded }) {
  const { storeAccount } = await CODES[code]()
  const result = { stored: [], rejected: [], failed: [] }
  for (const { user_id, pages } of exchangesOf(recorded)) {
    const told = await connectPages(user_id, pages.data, { storeAccount, key: keyOf(process.env) })
    for (const [kind, list] of Object.entries(told)) result[kind].push(...list)
  }
  return result
}

/** Connects page number `n` again, with a new token. */
async function write({ code, recorded }, n) {
  const { storeAccount } = await CODES[code]()
  const [like] = exchangesOf(recorded)[0].pages.data
  const digits = String(n).padStart(12, '0')
  const page = {
    ...like,
    id: digits,
    access_token: `${like.access_token}-${Date.now()}`,
    instagram_business_account: { id: `17841${digits}`, username: `account.${n}` },
  }
  return connectPage(`00000000-0000-4000-8000-${digits}`, page, { storeAccount, key: keyOf(process.env) })
}

let read

/** The recorded exchanges, read once. */
function exchangesOf(recorded) {
  read ??= JSON.parse(readFileSync(recorded ?? RECORDED, 'utf8'))
  return read
}

await run({ codes: Object.keys(CODES), once, write })
