import { databaseError, log } from 'writing/errors'
import { seal } from 'writing/sealing'

import { storeToken } from './store-account.js'

/**
 * Stores one page that the user has connected: the account, then its page token, sealed for that account.
 * Returns the account's Instagram id.
 */
export async function connectPage(userId, page, { storeAccount, key }) {
  try {
    const account = await storeAccount(userId, page)
    await storeToken(account.id, {
      encrypted: seal(page.access_token, key, account.id),
      expiresAt: page.expires_at ?? null,
    })
    return account.instagram_business_id
  } catch (error) {
    if (databaseError(error).code !== 'INVALID_PAGE') log(`page ${page.id} is not stored`, error)
    throw error
  }
}

/** Stores all pages of a token exchange; one that fails does not stop the others. */
export async function connectPages(userId, pages, surroundings) {
  const result = { stored: [], rejected: [], failed: [] }
  for (const page of pages) {
    try {
      result.stored.push(await connectPage(userId, page, surroundings))
    } catch (error) {
      const told = { page: page.id, code: error.code ?? error.name, message: error.message }
      if (error.code === 'INVALID_PAGE') result.rejected.push(told)
      else result.failed.push(told)
    }
  }
  return result
}
