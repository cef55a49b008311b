// A database error is worth nothing in part: its code, detail, hint and constraint say what the message does not.
const FIELDS = [
  'code', 'message', 'detail', 'details', 'hint', 'where', 'schema', 'table', 'column', 'dataType', 'constraint',
]

/** The database's own error below an application's: of node-postgres, or PostgREST's answer. */
export function databaseError(error) {
  return error?.cause && typeof error.cause === 'object' ? databaseError(error.cause) : error
}

/** All that the database said, as one object. What the client knows besides, such as parameters, stays out. */
export function whole(error) {
  const told = databaseError(error)
  const said = FIELDS.filter((field) => told?.[field] != null).map((field) => [field, told[field]])
  return told === error ? Object.fromEntries(said) : { ...Object.fromEntries(said), application: error.code }
}

/** Logs it, a line of JSON on standard error. */
export function log(what, error) {
  console.error(JSON.stringify({ level: 'error', what, error: whole(error) }))
}
