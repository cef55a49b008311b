// pgarbiter: ignore[no-arbiter-index]
export const save = (email: string) =>
  pool.query("INSERT INTO app_user (id, email) VALUES (1, $1) ON CONFLICT (email) DO NOTHING", [email])

// pgarbiter: ignore[no-arbiter-indx] because the index is made by another team
export const rename = (email: string, name: string) =>
  pool.query(
    "INSERT INTO app_user (id, email, name) VALUES (1, $1, $2) ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name",
    [email, name],
  )
