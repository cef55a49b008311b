import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!)

export const save = async (externalId: string, name: string) => {
  const { error } = await supabase
    .from('accounts')
    .upsert({ external_id: externalId, name }, { onConflict: 'external_id' })
  if (error) throw error
}
