"""Whether a program reads the error that PostgREST answers a write with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Unchecked

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

JS = """import {{ createClient }} from '@supabase/supabase-js'
const db = createClient(process.env.URL, process.env.KEY)
export async function save(row, rows, log) {{
  {0}
}}
"""
PYTHON = """import contextlib
from supabase import create_client, PostgrestAPIError
db = create_client(URL, KEY)
def save(row):
{0}
"""
UPSERT = "db.from('t').upsert(row)"
PASSED = "    except Exception:\n        pass"
RUN = 'db.table("t").upsert(row).execute()'


def _unchecked(tmp_path: Path, name: str, text: str) -> Unchecked | None:
    (site,) = sites_of(tmp_path, {name: text})
    return site.unchecked


@pytest.mark.parametrize(
    "code",
    [
        f"await {UPSERT}",
        f"await {UPSERT}.select().single()",
        f"try {{ await {UPSERT} }} catch (error) {{ log(error) }}",
        f"const r = await {UPSERT}",
        f"const r = await {UPSERT}; return r.data",
        f"const {{ data }} = await {UPSERT}; return data",
        f"const {{ error }} = await {UPSERT}",
        f"const {{ error: e }} = await {UPSERT}; {{ const error = 1; log(error) }}",
        f"{{ const {{ error }} = await {UPSERT} }} {{ const {{ error }} = await other(); log(error) }}",
        f"row && (await {UPSERT})",
        f"row ? await {UPSERT} : null",
        f"{UPSERT}.then(() => log('saved'))",
        f"{UPSERT}.then(({{ data }}) => log(data))",
        f"{UPSERT}.then(function (r) {{ log(r.data) }}).catch(log)",
        f"await Promise.all([{UPSERT}, other()])",
        f"const [a, b] = await Promise.all([{UPSERT}, other()]); return b.error",
        f"await Promise.all(rows.map((row) => {UPSERT}))",
        f"await Promise.all(rows.map(async (row) => {{ return {UPSERT} }}))",
        f"const all = await Promise.all(rows.map((row) => {UPSERT}))",
        f"rows.forEach(async (row) => {UPSERT})",
    ],
)
def test_a_result_of_which_nothing_tells_of_an_error_is_read_is_dropped(tmp_path: Path, code: str) -> None:
    assert _unchecked(tmp_path, "a.ts", JS.format(code)) is Unchecked.DROPPED


@pytest.mark.parametrize(
    "code",
    [
        f"const {{ error }} = await {UPSERT}; if (error) throw error",
        f"const {{ error }} = await {UPSERT}; return {{ error }}",
        f"const {{ error: e, data }} = await {UPSERT}; log(e)",
        f"const {{ error = null }} = await {UPSERT}; log(error)",
        f"const {{ data, ...rest }} = await {UPSERT}; log(rest)",
        f"const {{ ['error']: e }} = await {UPSERT}",
        f"const {{ status }} = await {UPSERT}; return status",
        f"const r = await {UPSERT}; if (r.error) throw r.error",
        f"const r = await {UPSERT}; log(r)",
        f"const r = await {UPSERT}; const {{ error }} = r; log(error)",
        f"let r; r = await {UPSERT}; log(r)",
        f"if ((await {UPSERT}).error) throw 1",
        f"await {UPSERT}.throwOnError()",
        f"try {{ await {UPSERT}.throwOnError() }} catch (e) {{ log(e) }}",
        f"return {UPSERT}",
        f"return await {UPSERT}",
        f"log(await {UPSERT})",
        f"const q = {UPSERT}; const {{ error }} = await q; log(error)",
        f"{UPSERT}.then(log)",
        f"{UPSERT}.then(({{ error }}) => error && log(error))",
        f"{UPSERT}.then((r) => r)",
        f"{UPSERT}.then(({{ data, ...more }}) => log(more))",
        f"const [a] = await Promise.all([{UPSERT}, other()]); log(a.error)",
        f"const [{{ error }}] = await Promise.all([{UPSERT}]); log(error)",
        f"const [...all] = await Promise.all([{UPSERT}]); log(all)",
        f"const [a] = await Promise.all([...rows, {UPSERT}])",
        f"const all = await Promise.all(rows.map((row) => {UPSERT})); log(all)",
        f"const calls = rows.map((row) => {UPSERT})",
        f"later({UPSERT})",
        f"rows.filter((row) => {UPSERT})",
    ],
)
def test_what_is_read_or_goes_elsewhere_is_not_dropped(tmp_path: Path, code: str) -> None:
    assert _unchecked(tmp_path, "a.ts", JS.format(code)) is None


@pytest.mark.parametrize("code", [UPSERT, f"void {UPSERT}", f"rows.forEach((row) => {UPSERT})", f"{UPSERT}.select()"])
def test_a_builder_that_nothing_awaits_is_not_sent(tmp_path: Path, code: str) -> None:
    assert _unchecked(tmp_path, "a.ts", JS.format(code)) is Unchecked.NOT_SENT


def test_data_alone_tells_that_something_went_wrong(tmp_path: Path) -> None:
    code = f"const {{ data }} = await {UPSERT}.select(); return data"
    assert _unchecked(tmp_path, "a.ts", JS.format(code)) is Unchecked.DATA_ALONE


def test_an_error_that_is_raised_into_an_empty_handler_is_silenced(tmp_path: Path) -> None:
    code = f"try {{ await {UPSERT}.throwOnError() }} catch {{ /* never mind */ }}"
    assert _unchecked(tmp_path, "a.ts", JS.format(code)) is Unchecked.SILENCED


def test_a_template_may_read_the_error_of_a_component(tmp_path: Path) -> None:
    code = f"<script setup>\nimport {{ db }} from './supabase'\nconst {{ error }} = await {UPSERT}\n</script>\n"
    assert _unchecked(tmp_path, "a.vue", code + "<template><p>{{ error }}</p></template>") is None


def test_an_exported_error_may_be_read_elsewhere(tmp_path: Path) -> None:
    code = f"import {{ db }} from './supabase'\nexport const {{ error }} = await {UPSERT}\n"
    assert _unchecked(tmp_path, "a.ts", code) is None


def test_the_call_of_a_wrapper_is_not_blamed_for_what_the_wrapper_drops(tmp_path: Path) -> None:
    wrapper = "async function put(table, row) {\n  await db.from(table).upsert(row)\n}\n"
    found = sites_of(tmp_path, {"a.ts": JS.format("await put('t', { id: 1 })") + wrapper})
    told = {site.span.line: site.unchecked for site in found}
    assert told == {4: None, 7: Unchecked.DROPPED}


@pytest.mark.parametrize(
    "body",
    [
        f"    try:\n        {RUN}\n    except Exception:\n        pass",
        f"    try:\n        x = {RUN}\n    except:\n        ...",
        f"    try:\n        {RUN}\n    except (ValueError, PostgrestAPIError) as e:\n        'never mind'",
        f"    for row in rows:\n        try:\n            {RUN}\n        except BaseException:\n            continue",
        f"    with contextlib.suppress(Exception):\n        {RUN}",
    ],
)
def test_an_error_of_python_that_is_passed_over_is_silenced(tmp_path: Path, body: str) -> None:
    assert _unchecked(tmp_path, "a.py", PYTHON.format(body)) is Unchecked.SILENCED


@pytest.mark.parametrize(
    "body",
    [
        f"    {RUN}",
        f"    return {RUN}",
        f"    try:\n        {RUN}\n    except Exception as e:\n        log(e)",
        f"    try:\n        {RUN}\n    except ValueError:\n        pass",
        f"    try:\n        {RUN}\n    except Exception:\n        return False",
        f"    try:\n        try:\n            {RUN}\n        except Exception:\n            log(1)\n{PASSED}",
        f"    try:\n        def later():\n            {RUN}\n    except Exception:\n        pass",
        f"    with contextlib.suppress(ValueError):\n        {RUN}",
        f"    with open(suppress(Exception)):\n        {RUN}",
        '    query = db.table("t").upsert(row)\n    query.execute()',
    ],
)
def test_an_error_of_python_that_goes_on_is_not_silenced(tmp_path: Path, body: str) -> None:
    assert _unchecked(tmp_path, "a.py", PYTHON.format(body)) is None


def test_a_builder_of_python_without_execute_is_not_sent(tmp_path: Path) -> None:
    assert _unchecked(tmp_path, "a.py", PYTHON.format('    db.table("t").upsert(row)')) is Unchecked.NOT_SENT


FETCH = (
    "fetch(`${url}/rest/v1/t?on_conflict=id`, "
    "{ method: 'POST', headers: { Prefer: 'resolution=merge-duplicates' }, body: JSON.stringify({ id: 1 }) })"
)
POST = 'requests.post(f"{url}/rest/v1/t?on_conflict=id", headers={"Prefer": "resolution=merge-duplicates"}, json=rows)'


@pytest.mark.parametrize(
    "code", [f"await {FETCH}", FETCH, f"{FETCH}.catch(log)", f"const r = await {FETCH}", f"{FETCH}.then(() => log(1))"]
)
def test_the_response_to_a_request_is_dropped(tmp_path: Path, code: str) -> None:
    assert _unchecked(tmp_path, "a.ts", f"export async function f(url, log) {{\n  {code}\n}}\n") is Unchecked.DROPPED


@pytest.mark.parametrize(
    "code",
    [
        f"return {FETCH}",
        f"const r = await {FETCH}; if (!r.ok) throw r",
        f"{FETCH}.then((r) => r.json())",
        f"log(await {FETCH})",
    ],
)
def test_a_response_that_is_read_is_not_dropped(tmp_path: Path, code: str) -> None:
    assert _unchecked(tmp_path, "a.ts", f"export async function f(url, log) {{\n  {code}\n}}\n") is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [(POST, Unchecked.DROPPED), (f"{POST}.raise_for_status()", None), (f"r = {POST}", None), (f"return {POST}", None)],
)
def test_requests_of_python_raises_nothing_by_itself(tmp_path: Path, code: str, expected: Unchecked | None) -> None:
    assert _unchecked(tmp_path, "a.py", f"import requests\ndef f(url):\n    {code}\n") is expected
