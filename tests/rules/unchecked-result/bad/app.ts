import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL, process.env.KEY)

export async function save(account) {
  try {
    await supabase.from('accounts').upsert({ external_id: account.id, name: account.name }, { onConflict: 'external_id' })
  } catch (error) {
    console.error(error) // never runs
  }
}

export async function create(account) {
  const { data } = await supabase.from('accounts').insert({ external_id: account.id }).select().single()
  return data?.id
}

export function remember(account) {
  void supabase.from('accounts').upsert({ external_id: account.id }, { onConflict: 'external_id' })
}
