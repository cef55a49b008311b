-- Accounts that users have connected, and the tables that hang on them.
create extension if not exists "uuid-ossp" with schema extensions;

create table public.instagram_business_accounts (
  id uuid primary key default extensions.uuid_generate_v4(),
  user_id uuid not null references auth.users (id) on delete cascade,
  instagram_business_id text not null unique,
  username text not null,
  name text not null,
  account_type text,
  profile_picture_url text,
  biography text,
  website text,
  followers_count integer,
  follows_count integer,
  media_count integer,
  is_connected boolean default true,
  last_sync_at timestamptz,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

create table public.instagram_credentials (
  id uuid primary key default extensions.uuid_generate_v4(),
  business_account_id uuid not null references public.instagram_business_accounts (id) on delete cascade,
  access_token_encrypted text not null,
  token_type text not null default 'page',
  expires_at timestamptz,
  updated_at timestamptz default now(),
  unique (business_account_id, token_type)
);

create table public.api_usage (
  id bigint generated always as identity primary key,
  business_account_id uuid references public.instagram_business_accounts (id) on delete cascade,
  endpoint text not null,
  called_at timestamptz not null default now()
);

alter table public.instagram_business_accounts enable row level security;

create policy "owners manage their accounts" on public.instagram_business_accounts
  for all to authenticated using (user_id = auth.uid()) with check (user_id = auth.uid());
create policy "service role manages all accounts" on public.instagram_business_accounts
  for all to service_role using (true) with check (true);

grant all on public.instagram_business_accounts, public.instagram_credentials, public.api_usage
  to authenticated, service_role;
