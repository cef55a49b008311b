import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_KEY!)

export const saveLocation = (locationId: string, token: string) =>
  supabase.from('installations').upsert({ location_id: locationId, token }, { onConflict: 'location_id' })
