INSERT INTO last_orders (customer, total)
VALUES ('ann', 10), ('ben', 20), ('ann', 30)
ON CONFLICT (customer) DO UPDATE SET total = excluded.total;

INSERT INTO last_orders (customer, total)
SELECT customer, total FROM orders WHERE total > 0
ON CONFLICT (customer) DO UPDATE SET total = excluded.total;
