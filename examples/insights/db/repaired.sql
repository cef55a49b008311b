-- The repair: an instant is an instant however it is spelled, what else the API says is kept, and a dashboard's reads of
-- all metrics of an account over a period have their index.
CREATE TABLE instagram_insights (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL,
    ig_account_id text NOT NULL,
    metric text NOT NULL,
    value bigint NOT NULL,
    end_time timestamptz NOT NULL,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    metadata jsonb NOT NULL DEFAULT '{}',
    UNIQUE (ig_account_id, metric, end_time)
);

CREATE INDEX instagram_insights_ig_account_id_end_time_idx ON instagram_insights (ig_account_id, end_time);

CREATE TABLE user_tokens (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL,
    ig_account_id text NOT NULL,
    access_token text NOT NULL,
    expires_at timestamptz NOT NULL,
    refreshed_at timestamptz,
    UNIQUE (user_id, ig_account_id)
);

CREATE TABLE instagram_sync_logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ig_account_id text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    status text NOT NULL,
    stored integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    errors jsonb NOT NULL DEFAULT '[]'
);
