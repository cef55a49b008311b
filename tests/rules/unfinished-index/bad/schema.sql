CREATE TABLE members (account bigint PRIMARY KEY, email text);
CREATE UNIQUE INDEX members_email_ccnew ON members (email);

-- As CREATE UNIQUE INDEX CONCURRENTLY leaves it when it meets duplicates.
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'members_email_ccnew'::regclass;
