"""Requests to PostgREST, whichever library sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, DefaultKey, InferenceClause, Mechanism, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


_FETCH = """const r = await fetch(`${process.env.SUPABASE_URL}/rest/v1/devices?on_conflict=hostname,site`, {
  method: 'POST',
  headers: { apikey: KEY, Prefer: 'return=minimal,resolution=merge-duplicates' },
  body: JSON.stringify([{ hostname, site, seen_at: now }]),
})
"""


def test_a_request_with_a_preference_and_columns_is_an_upsert_on_them(sites: Sites) -> None:
    (site,) = sites({"a.ts": _FETCH})
    assert (str(site.write.table), _columns(site)) == ("devices", ("hostname", "site"))
    assert (site.write.action, site.write.columns) == (Action.UPDATE, ("hostname", "site", "seen_at"))
    assert (site.client, site.span.line, site.statement_line, site.status) == (
        "postgrest-http",
        1,
        1,
        Status.RESOLVED,
    )


def test_columns_without_a_preference_insert_and_no_more(sites: Sites) -> None:
    (site,) = sites({"a.ts": _FETCH.replace(",resolution=merge-duplicates", "")})
    assert site.mechanism is Mechanism.PLAIN_INSERT
    assert site.reason == "on_conflict has no effect without a preference for a resolution"


def test_the_path_alone_does_not_show_postgrest(sites: Sites) -> None:
    options = "{ method: 'POST', headers: { accept: 'x' }, body: JSON.stringify({ a }) }"
    post = f"await fetch(`${{url}}/rest/v1/people`, {options})"
    assert sites({"a.ts": post}) == ()
    assert len(sites({"a.ts": post.replace("accept", "apikey")})) == 1
    assert len(sites({"a.ts": post, "b.ts": "const url = process.env.SUPABASE_URL"})) == 1


def test_without_columns_the_primary_key_is_meant(sites: Sites) -> None:
    (site,) = sites({"a.ts": _FETCH.replace("?on_conflict=hostname,site", "").replace("merge", "ignore")})
    assert (site.write.target, site.write.action) == (DefaultKey(), Action.NOTHING)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_request_that_inserts_nothing_is_no_site(sites: Sites, method: str) -> None:
    assert sites({"a.ts": _FETCH.replace("POST", method)}) == ()


@pytest.mark.parametrize("path", ["/rest/v1/rpc/save", "/storage/v1/object/a"])
def test_functions_and_storage_are_no_tables(sites: Sites, path: str) -> None:
    assert sites({"a.ts": _FETCH.replace("/rest/v1/devices", path)}) == ()


def test_headers_that_a_function_of_the_project_makes_are_read(sites: Sites) -> None:
    (site,) = sites(
        {
            "headers.ts": "export const H = (p: string) => ({ apikey: KEY, Prefer: `resolution=${p}-duplicates` })",
            "a.ts": "import { H } from './headers'\n"
            "await fetch(URL + '/rest/v1/t?on_conflict=a', { method: 'POST', headers: H('ignore'), body: '[]' })",
        }
    )
    assert (site.write.action, _columns(site)) == (Action.NOTHING, ("a",))


def test_parameters_may_be_given_as_an_object(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.js": "await axios.post(`${base}/rest/v1/prices`, rows.map(r => ({ sku: r.sku, px: r.px })), {\n"
            "  params: { on_conflict: 'sku' },\n  headers: { Prefer: 'resolution=merge-duplicates' } })"
        }
    )
    assert (str(site.write.table), _columns(site), site.write.columns) == ("prices", ("sku",), ("sku", "px"))


def test_parameters_may_be_set_on_the_address(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.ts": "async function save(rows) {\n  const url = new URL(`${BASE}/rest/v1/prices`)\n"
            "  url.searchParams.set('on_conflict', 'sku,day')\n"
            "  const headers = new Headers({ apikey: KEY })\n  headers.set('Prefer', 'resolution=merge-duplicates')\n"
            "  return fetch(url, { method: 'POST', headers, body: JSON.stringify(rows) })\n}"
        }
    )
    assert (str(site.write.table), _columns(site), site.write.action) == ("prices", ("sku", "day"), Action.UPDATE)


_PYTHON = """
import requests, os
BASE = os.environ["SUPABASE_URL"]
HEADERS = {"apikey": KEY, "Prefer": "resolution=merge-duplicates"}
def save(rows):
    return requests.post(f"{BASE}/rest/v1/readings", params={"on_conflict": "sensor,at"}, headers=HEADERS,
                         json=[{"sensor": r.s, "at": r.at, "value": r.v} for r in rows])
"""


def test_requests_of_python_are_read(sites: Sites) -> None:
    (site,) = sites({"a.py": _PYTHON})
    assert (str(site.write.table), _columns(site)) == ("readings", ("sensor", "at"))
    assert site.write.columns == ("sensor", "at", "value")
    assert (site.statement_line, site.write.action) == (6, Action.UPDATE)


def test_urllib_sends_a_post_when_there_is_a_body(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.py": "import json, urllib.request\n"
            "def save(row):\n"
            "    req = urllib.request.Request(f'{URL}/rest/v1/runs?on_conflict=run_id',\n"
            "        data=json.dumps(row).encode(), headers={'Prefer': 'resolution=merge-duplicates'}, method='POST')\n"
            "    urllib.request.urlopen(req)\n"
        }
    )
    assert (str(site.write.table), _columns(site)) == ("runs", ("run_id",))


def test_a_helper_for_all_tables_is_followed_to_its_calls(sites: Sites) -> None:
    found = sites(
        {
            "a.ts": "async function put(table: string, rows: unknown[], key: string) {\n"
            "  return fetch(`${URL}/rest/v1/${table}?on_conflict=${encodeURIComponent(key)}`, { method: 'POST',\n"
            "    headers: { Prefer: 'resolution=merge-duplicates' }, body: JSON.stringify(rows) })\n}\n"
            "await put('stops', [{ id: 1, name }], 'id')\n"
        }
    )
    known = [site for site in found if site.status is Status.RESOLVED]
    assert [(str(site.write.table), _columns(site), site.span.line) for site in known] == [("stops", ("id",), 5)]


def test_a_table_that_is_not_known_is_said(sites: Sites) -> None:
    (site,) = sites({"a.ts": _FETCH.replace("devices", "${pick()}").replace("hostname,site", "${key()}")})
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)
    assert isinstance(site.write.target, Unresolved)
    assert site.reason == 'the table is the result of "pick"; the conflict target is the result of "key"'


def test_the_schema_is_that_of_the_profile(sites: Sites) -> None:
    (site,) = sites({"a.ts": _FETCH.replace("apikey: KEY", "'Content-Profile': 'ops'")})
    assert str(site.write.table) == "ops.devices"


def test_the_columns_parameter_names_what_is_written(sites: Sites) -> None:
    (site,) = sites({"a.ts": _FETCH.replace("hostname,site`", "hostname,site&columns=hostname,site`")})
    assert site.write.columns == ("hostname", "site")


def test_a_base_address_may_be_given_to_the_client(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.ts": "const api = axios.create({ baseURL: `${URL}/rest/v1`, headers: { apikey: KEY } })\n"
            "export const save = (row) => api.post('/tags?on_conflict=slug', { slug: row.slug },"
            " { headers: { Prefer: 'resolution=ignore-duplicates' } })"
        }
    )
    assert (str(site.write.table), _columns(site), site.write.action) == ("tags", ("slug",), Action.NOTHING)


_CALL = """type Init = { method?: string; prefer?: string; body?: string }
async function call(path: string, init: Init = {}) {
  return fetch(`${base}/rest/v1${path}`, {
    ...extra, method: init.method ?? 'GET', body: init.body,
    headers: { ...H, ...(init.prefer && { Prefer: init.prefer }) } })
}
export const list = () => call('/results?order=at')
export const save = (row) => call('/results?on_conflict=a,b', {
  method: 'POST', prefer: 'return=minimal,resolution=merge-duplicates', body: JSON.stringify({ a: row.a, b: row.b }),
})
"""


def test_a_helper_for_all_requests_is_no_site_but_its_calls_may_be(sites: Sites) -> None:
    (site,) = sites({"a.ts": _CALL})
    assert (str(site.write.table), _columns(site), site.write.columns) == ("results", ("a", "b"), ("a", "b"))
    assert (site.write.action, site.span.line, site.status) == (Action.UPDATE, 8, Status.RESOLVED)


_KEYED = """async function upsert(table, rows, key) {
  const at = CONDITION
  const headers = { Prefer: 'resolution=merge-duplicates' }
  return fetch(`${URL}/rest/v1/${table}${at}`, { method: 'POST', headers, body })
}
await upsert('logs', rows, 'day')
await upsert('tags', rows)
"""


def test_a_target_that_is_there_when_it_is_given_is_that_of_each_call(sites: Sites) -> None:
    found = sites({"a.js": _KEYED.replace("CONDITION", "key ? `?on_conflict=${key}` : ''")})
    targets = {str(site.write.table): site.write.target for site in found if site.span.line > 5}
    assert isinstance(targets["logs"], InferenceClause)
    assert targets["tags"] == DefaultKey()


def test_a_target_that_is_there_for_one_table_is_that_of_its_calls(sites: Sites) -> None:
    found = sites({"a.js": _KEYED.replace("CONDITION", "table === 'logs' ? '?on_conflict=day' : ''")})
    targets = {str(site.write.table): site.write.target for site in found if site.span.line > 5}
    assert isinstance(targets["logs"], InferenceClause)
    assert targets["tags"] == DefaultKey()


def test_a_target_that_another_condition_puts_in_is_not_known(sites: Sites) -> None:
    found = sites({"a.js": _KEYED.replace("CONDITION", "isDaily(table) ? '?on_conflict=day' : ''")})
    assert {type(site.write.target) for site in found} == {Unresolved}


_BUILT = """import { address } from './address'
const url = address('/rest/v1/events', PARAMETERS)
const headers = { Prefer: 'resolution=merge-duplicates' }
await fetch(url, { method: 'POST', headers, body: JSON.stringify([{ id: 1 }]) })
"""
_ADDRESS = """export function address(path, params) {
  const u = new URL(path, BASE)
  for (const [k, v] of Object.entries(params)) u.searchParams.set(k, v)
  return u.toString()
}
"""


def test_parameters_may_be_given_to_what_makes_the_address(sites: Sites) -> None:
    (site,) = sites({"address.js": _ADDRESS, "a.js": _BUILT.replace("PARAMETERS", "{ on_conflict: 'id' }")})
    assert (str(site.write.table), _columns(site)) == ("events", ("id",))


def test_parameters_that_are_not_seen_may_hold_a_target(sites: Sites) -> None:
    (site,) = sites({"address.js": _ADDRESS, "a.js": _BUILT.replace("PARAMETERS", "options")})
    assert isinstance(site.write.target, Unresolved)
    (site,) = sites({"a.py": _PYTHON.replace('{"on_conflict": "sensor,at"}', "options()"), "a.js": ""})
    assert site.write.target == Unresolved('the conflict target may be in the result of "options"')
