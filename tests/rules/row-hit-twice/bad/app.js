import pg from 'pg'

const pool = new pg.Pool()

export async function save(orders) {
  await pool.query(
    `INSERT INTO last_orders (customer, total)
     SELECT item.customer, item.total FROM unnest($1::text[], $2::numeric[]) AS item (customer, total)
     ON CONFLICT (customer) DO UPDATE SET total = excluded.total`,
    [orders.map((order) => order.customer), orders.map((order) => order.total)],
  )
}
