CREATE TABLE insights (
    account bigint NOT NULL,
    metric text NOT NULL,
    end_time timestamptz NOT NULL,
    value bigint,
    PRIMARY KEY (account, metric, end_time)
);
-- A day has one spelling here.
CREATE TABLE days (date_key text PRIMARY KEY, total bigint);
