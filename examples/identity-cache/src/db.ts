import pg from 'pg'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })

// A connection that is lost while nobody uses it is replaced by the pool; without a listener it would end the process.
pool.on('error', () => {})
