CREATE TABLE insights (
    account bigint NOT NULL,
    metric text NOT NULL,
    end_time text NOT NULL,
    value bigint,
    PRIMARY KEY (account, metric, end_time)
);
