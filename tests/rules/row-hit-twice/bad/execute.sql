INSERT INTO orders (customer, total) VALUES ('ann', 10), ('ann', 30);

INSERT INTO last_orders (customer, total)
SELECT customer, total FROM orders WHERE total > 0
ON CONFLICT (customer) DO UPDATE SET total = excluded.total;
