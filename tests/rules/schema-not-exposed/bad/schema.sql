CREATE SCHEMA billing;
CREATE TABLE billing.plans (id bigint PRIMARY KEY, name text);
