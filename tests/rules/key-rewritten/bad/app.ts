import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_KEY!)

export const save = (phone: string, name: string) =>
  supabase.from('contacts').upsert({ id: crypto.randomUUID(), phone, name }, { onConflict: 'phone' })
