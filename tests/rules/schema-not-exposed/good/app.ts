import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_KEY!)

export const save = (id: number, name: string) => supabase.schema('billing').from('plans').upsert({ id, name })
