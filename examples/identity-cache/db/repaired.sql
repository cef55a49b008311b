-- The repair: one identity for each participant of an account, and none without an account.
CREATE TABLE instagram_user_cache (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ig_account_id text NOT NULL,
    ig_user_id text NOT NULL,
    username text,
    name text,
    profile_pic text,
    profile_pic_url text, -- kept equal to profile_pic, for older readers
    last_fetched_at timestamptz
);

CREATE INDEX instagram_user_cache_ig_user_id_idx ON instagram_user_cache (ig_user_id);
CREATE UNIQUE INDEX instagram_user_cache_ig_account_id_ig_user_id_unique
    ON instagram_user_cache (ig_account_id, ig_user_id);

CREATE TABLE instagram_conversations (
    id text PRIMARY KEY,
    location_id text NOT NULL,
    ig_account_id text NOT NULL,
    participant_igsid text, -- NULL or UNKNOWN_* when the API did not tell
    participant_username text,
    unread_count integer NOT NULL DEFAULT 0,
    last_message_at timestamptz,
    updated_at timestamptz DEFAULT now()
);

CREATE INDEX instagram_conversations_ig_account_id_idx ON instagram_conversations (ig_account_id);

CREATE TABLE instagram_messages (
    id text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES instagram_conversations (id) ON DELETE CASCADE,
    from_id text NOT NULL,
    to_id text NOT NULL,
    text text,
    sent_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX instagram_messages_conversation_id_idx ON instagram_messages (conversation_id);
CREATE INDEX instagram_messages_sent_at_idx ON instagram_messages (sent_at);
