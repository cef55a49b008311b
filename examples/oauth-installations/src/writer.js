// Saves the installations that the recorded token answers tell of; `--seconds N` makes it a concurrent writer.
// Needs DATABASE_URL and TOKEN_KEY. Codes: repaired, racy (select, then write) and broken (42P10 on every call).
import { readFileSync } from 'node:fs'

import { run } from 'writing/program'
import { keyOf } from 'writing/sealing'

import { connect, saveInstallation } from './connect.js'
import { pool } from './db.js'
import * as repaired from './install.js'

const RECORDED = new URL('../recorded/tokens.json', import.meta.url)

// The broken code never was able to save an agency's installation by itself: agencies go the repaired way.
const SAVES = {
  repaired: async () => repaired,
  racy: async () => ({ ...repaired, ...(await import('./install.racy.js')) }),
  broken: async () => ({ ...repaired, ...(await import('./install.broken.js')) }),
}

/** All recorded codes, as a callback of the provider brings them: some come twice. */
async function once({ code, recorded }) {
  const { callbacks, answers } = answersOf(recorded)
  const surroundings = { exchange: (each) => answers[each], save: await SAVES[code](), key: keyOf(process.env) }
  const result = { saved: [], used: [], failed: [] }
  for (const callback of callbacks) {
    try {
      const owner = await connect(callback, surroundings)
      if (owner === 'used') result.used.push(callback)
      else result.saved.push(owner)
    } catch (error) {
      result.failed.push({ code: callback, error: error.code ?? error.name, message: error.message })
    }
  }
  return result
}

/** Installs number `n`: every fourth is an agency. */
async function write({ code, recorded }, n) {
  const { answers } = answersOf(recorded)
  const isAgency = n % 4 === 0
  const like = Object.values(answers).find((each) => (each.userType === 'Company') === isAgency)
  const answer = { ...like, ...(isAgency ? { companyId: `company-${n}` } : { locationId: `location-${n}` }) }
  return saveInstallation(answer, { save: await SAVES[code](), key: keyOf(process.env) })
}

let read

/** The recorded answers, read once. */
function answersOf(recorded) {
  read ??= JSON.parse(readFileSync(recorded ?? RECORDED, 'utf8'))
  return read
}

await run({ codes: Object.keys(SAVES), once, write, end: () => pool.end() })
