"""The JSON Schema of the settings says what the types say, and the documentation says all of it."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from pgarbiter import settings_schema
from pgarbiter.errors import PgArbiterError
from pgarbiter.settings import FOR_THE_COMMAND_LINE, Settings, load

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"
FULL = """
schema = "sql:db"
select = ["PGA1"]
note-scopes = ["test"]
baseline = "known.json"
max-unknown = 3
[severity]
no-arbiter-index = "off"
[per-path-ignores]
"legacy/" = ["PGA101"]
[[database]]
name = "core"
schema = "sql:core"
search-path = ["app"]
[diff]
fail-on = "breaks"
"""


def test_the_shipped_file_is_current() -> None:
    made = settings_schema.render(settings_schema.generate())
    assert settings_schema.shipped() == made, "write it anew: settings_schema.render(settings_schema.generate())"


def test_every_setting_of_a_file_is_in_it_and_nothing_else() -> None:
    known = {field.name.replace("_", "-") for field in fields(Settings)} - set(FOR_THE_COMMAND_LINE)
    assert set(settings_schema.generate()["properties"]) == known


def test_the_documentation_has_every_key_and_no_other() -> None:
    text = DOCS.read_text("utf-8")
    assert settings_schema.table() in text, "stale: put settings_schema.table() there"
    listed = re.findall(r"^\| `([a-z.-]+)` \|", text, re.MULTILINE)
    assert tuple(listed) == settings_schema.keys(settings_schema.generate())
    assert set(settings_schema.WORDS) == set(listed)


def test_what_it_lets_through_is_read_and_the_other_way_round(tmp_path: Path) -> None:
    schema = json.loads(settings_schema.shipped())
    jsonschema.Draft202012Validator.check_schema(schema)
    (tmp_path / "pgarbiter.toml").write_text(FULL)
    jsonschema.validate(tomllib.loads(FULL), schema)
    load(tmp_path, overrides={})


@pytest.mark.parametrize(
    "text",
    ['scema = "sql:db"', "select = 3", '[severity]\nx = "fatal"', '[[database]]\nnme = "x"', 'database-url = "x"'],
)
def test_what_it_refuses_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "pgarbiter.toml").write_text(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), json.loads(settings_schema.shipped()))
    with pytest.raises(PgArbiterError):
        load(tmp_path, overrides={})


def test_the_values_that_are_shown_are_those_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "pgarbiter.toml").write_text('server = "postgresql://u:secret@h/db"\n[diff]\nfail-on = "breaks"\n')
    shown = settings_schema.values(load(tmp_path, overrides={}))
    assert "secret" not in shown
    told = json.loads(shown)
    jsonschema.validate(told, json.loads(settings_schema.shipped()))
    assert told["diff"]["fail-on"] == "breaks"
