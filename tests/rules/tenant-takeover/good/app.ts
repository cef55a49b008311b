import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_SERVICE_ROLE_KEY!)

export const save = (userId: string, externalId: string, name: string) =>
  supabase
    .from('shops')
    .upsert({ user_id: userId, external_id: externalId, name }, { onConflict: 'user_id,external_id' })
