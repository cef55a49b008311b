INSERT INTO bookings (during, guest) VALUES ('[1,5)', 'g') ON CONFLICT ON CONSTRAINT bookings_no_overlap DO NOTHING;
