import { databaseError, log } from 'writing/errors'
import { seal } from 'writing/sealing'

import { useCode } from './install.js'

/**
 * Exchanges an authorisation code for tokens and saves the installation, at most once for each code.
 * Returns "location ID", "agency ID" or "used".
 */
export async function connect(code, { exchange, save, key }) {
  if (!(await useCode(code))) return 'used'
  return saveInstallation(exchange(code), { save, key })
}

/** Saves what the token endpoint answered: a location's installation or an agency's. Returns which. */
export async function saveInstallation(answer, { save, key }) {
  const { owner, install } = installationOf(answer, key)
  try {
    await (install.locationId ? save.saveLocation(install) : save.saveAgency(install))
  } catch (error) {
    if (databaseError(error).code) log(`the installation of ${owner} is not saved`, error)
    throw error
  }
  return owner
}

// A location's token names its agency too. An agency has one installation of its own, and many locations: the
// agency's id goes into the agency's row alone, or its second location would meet the unique index of agencies.
function installationOf(answer, key) {
  const isLocation = answer.userType === 'Location'
  const id = isLocation ? answer.locationId : answer.companyId
  if (!id) throw Object.assign(new Error(`the answer names no ${isLocation ? 'location' : 'agency'}`), { code: 'INVALID_ANSWER' })
  const owner = `${isLocation ? 'location' : 'agency'} ${id}`
  const install = {
    locationId: isLocation ? id : null,
    companyId: isLocation ? null : id,
    accessToken: seal(answer.access_token, key, owner),
    refreshToken: seal(answer.refresh_token, key, owner),
    expiresAt: new Date(Date.now() + answer.expires_in * 1000),
  }
  return { owner, install }
}
