import { createClient } from '@supabase/supabase-js'

// The backend connects as service_role, which bypasses row security.
export const supabase = createClient(process.env.SUPABASE_URL, process.env.SUPABASE_SERVICE_ROLE_KEY, {
  auth: { persistSession: false, autoRefreshToken: false },
})
