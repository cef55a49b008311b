-- Installations of an OAuth app: either for one location or for a whole agency.
CREATE TABLE hl_installations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    location_id text,
    company_id text,
    access_token text NOT NULL,
    refresh_token text NOT NULL,
    expires_at timestamptz NOT NULL,
    scopes text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (location_id IS NOT NULL OR company_id IS NOT NULL)
);

CREATE UNIQUE INDEX hl_installations_location_key ON hl_installations (location_id) WHERE location_id IS NOT NULL;
CREATE UNIQUE INDEX hl_installations_company_key ON hl_installations (company_id) WHERE company_id IS NOT NULL;

CREATE TABLE oauth_codes (
    code text PRIMARY KEY,
    used_at timestamptz NOT NULL DEFAULT now()
);
