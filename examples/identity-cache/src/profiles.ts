import { readFileSync } from 'node:fs'

import type { Identity } from './identities.ts'

/** Asks the API who a participant is. Throws what the API answers when it does not tell. */
export type Profiles = (userId: string) => Promise<Identity>

/** The recorded answers in place of the API: a profile, or an error, for each id. */
export function recordedProfiles(path: string | URL): Profiles {
  const answers = JSON.parse(readFileSync(path, 'utf8'))
  return async (userId) => {
    const answer = answers[userId] ?? { error: { code: 100, message: 'Unsupported get request' } }
    if (answer.error) throw Object.assign(new Error(answer.error.message), { code: `API ${answer.error.code}` })
    return answer
  }
}
