import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_KEY!)

export const save = (name: string, colour: string) => supabase.from('tags').upsert({ name, colour })
