import { supabase } from './client.js'

const ACCOUNTS = 'instagram_business_accounts'

/** Stores the account after the token exchange, as it stood on the day of the incident. */
export async function storeAccount(userId, page) {
  const { error } = await supabase
    .from(ACCOUNTS)
    .upsert(
      {
        user_id: userId,
        instagram_business_id: page.instagram_business_account.id,
        page_id: page.id,
        page_name: page.name,
        username: page.instagram_business_account.username,
      },
      { onConflict: 'user_id,instagram_business_id' },
    )
  if (error) throw Object.assign(new Error(error.message), { code: 'STORAGE_FAILED' })
}
