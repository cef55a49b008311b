import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL, process.env.KEY)

export async function sync(users) {
  const named = users.filter((user) => user.name).map((user) => ({ id: user.id, name: user.name }))
  const others = users.filter((user) => !user.name).map((user) => ({ id: user.id }))
  const saved = await supabase.from('contacts').upsert(named)
  if (saved.error) throw saved.error
  const added = await supabase.from('contacts').upsert(others, { ignoreDuplicates: true })
  if (added.error) throw added.error
}

export async function save(user) {
  const { error } = await supabase.from('contacts').upsert({ id: user.id, ...(user.name && { name: user.name }) })
  if (error) throw error
}
