export const save = (account: string, email: string) =>
  // pgarbiter: ignore[nullable-target] because every caller has an account; rows without one are from before 2019
  pool.query("INSERT INTO app_user (id, account, email) VALUES (1, $1, $2) ON CONFLICT (account, email) DO NOTHING", [
    account,
    email,
  ])
