import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!)

export const save = async (owner: string, externalId: string, name: string) => {
  const { error } = await supabase
    .from('accounts')
    .upsert({ owner, external_id: externalId, name }, { onConflict: 'owner,external_id' })
  if (error) throw error
}
