import { supabase } from './client.js'

const ACCOUNTS = 'instagram_business_accounts'

/** Stores the account after the token exchange. Returns the stored row. */
export async function storeAccount(userId, page) {
  const account = validated(userId, page)
  const now = new Date().toISOString()
  const { data, error } = await supabase
    .from(ACCOUNTS)
    .upsert(
      {
        user_id: userId,
        instagram_business_id: account.id,
        name: page.name,
        username: account.username,
        is_connected: true,
        last_sync_at: now,
        updated_at: now,
      },
      { onConflict: 'instagram_business_id', ignoreDuplicates: false },
    )
    .select()
    .single()
  if (error) throw Object.assign(new Error(error.message, { cause: error }), { code: 'STORAGE_FAILED' })
  return data
}

/** Stores the encrypted page token of an account. */
export async function storeToken(accountId, token) {
  const { error } = await supabase.from('instagram_credentials').upsert(
    {
      business_account_id: accountId,
      token_type: 'page',
      access_token_encrypted: token.encrypted,
      expires_at: token.expiresAt,
    },
    { onConflict: 'business_account_id,token_type' },
  )
  if (error) throw Object.assign(new Error(error.message, { cause: error }), { code: 'STORAGE_FAILED' })
}

/** What the table requires, asked for before the write: the database would refuse it with 23502, after a round trip. */
function validated(userId, page) {
  const account = page.instagram_business_account
  const required = {
    'the user has no id': userId,
    'the page has no Instagram account': account?.id,
    'the page has no name': page.name?.trim(),
    'the Instagram account has no username': account?.username?.trim(),
  }
  const missing = Object.keys(required).find((reason) => !required[reason])
  if (missing) throw Object.assign(new Error(missing), { code: 'INVALID_PAGE' })
  return account
}
