INSERT INTO last_orders (customer, total)
SELECT DISTINCT ON (customer) customer, total FROM orders ORDER BY customer, id DESC
ON CONFLICT (customer) DO UPDATE SET total = excluded.total;

INSERT INTO last_orders (customer, total)
SELECT customer, sum(total) FROM orders GROUP BY customer
ON CONFLICT (customer) DO UPDATE SET total = excluded.total;

-- At most one row: "id" is the key of "orders".
INSERT INTO last_orders (customer, total)
SELECT customer, total FROM orders WHERE id = 1
ON CONFLICT (customer) DO UPDATE SET total = excluded.total;

INSERT INTO last_orders (customer, total)
VALUES ('ann', 10), ('ann', 30)
ON CONFLICT (customer) DO NOTHING;
