import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL, process.env.KEY)

export async function rename() {
  const { error } = await supabase.from('contacts').upsert([{ id: 1, name: 'Ann' }, { id: 2, note: 'moved' }])
  if (error) throw error
}

export async function sync(users) {
  const rows = users.map((user) => ({ id: user.id, ...(user.name && { name: user.name }) }))
  const { error } = await supabase.from('contacts').upsert(rows)
  if (error) throw error
}
