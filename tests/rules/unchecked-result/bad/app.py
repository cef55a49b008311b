import os

from supabase import create_client

client = create_client(os.environ["URL"], os.environ["KEY"])


def save(account):
    try:
        client.table("accounts").upsert({"external_id": account.id}, on_conflict="external_id").execute()
    except Exception:
        pass
