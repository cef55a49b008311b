import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_KEY!)

export const save = (userId: number, externalId: string) =>
  supabase.from('accounts').upsert({ user_id: userId, external_id: externalId }, { onConflict: 'user_id,external_id' })
