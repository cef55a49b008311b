import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL, process.env.KEY)

export async function save(account) {
  const { error } = await supabase
    .from('accounts')
    .upsert({ external_id: account.id, name: account.name }, { onConflict: 'external_id' })
  if (error) throw error
}

export async function create(account) {
  await supabase.from('accounts').insert({ external_id: account.id }).throwOnError()
}
