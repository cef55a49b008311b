import { createClient } from '@supabase/supabase-js'

const api = createClient(process.env.API_URL!, process.env.API_KEY!)

export const save = (id: number, name: string) => api.from('plans').upsert({ id, name })
