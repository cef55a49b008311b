"""What findings say of Rails, which asks the database for a unique index before it sends an INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter import Settings, check

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.rules.model import Finding

_RAISES = 'Every call raises ArgumentError ("No unique index found for ..."), before Rails sends the INSERT.'


def _checked(root: Path, call: str, index: str) -> tuple[Finding, ...]:
    files = {
        "migrations/1.sql": f"CREATE TABLE shops (id serial PRIMARY KEY, code text NOT NULL, mail text);\n{index};\n",
        "app/models/shop.rb": "class Shop < ApplicationRecord\n  self.record_timestamps = false\nend\n",
        "app/jobs/a.rb": f"class A\n  def f\n    {call}\n  end\nend\n",
    }
    (root / ".git").mkdir()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return check(root, Settings(cache=False)).findings


@pytest.mark.parametrize("method", ["upsert_all", "insert_all"])
def test_rails_raises_when_no_unique_index_has_the_columns(tmp_path: Path, method: str) -> None:
    call = f"Shop.{method}([{{ code: 'a', mail: 'b' }}], unique_by: %i[code mail])"
    (finding,) = _checked(tmp_path, call, "CREATE UNIQUE INDEX shops_code ON shops (code)")
    assert (finding.code, finding.effect) == ("PGA101", _RAISES)
    assert "unique_by: [:code]" in finding.remedy


def test_rails_raises_when_the_index_is_on_an_expression_and_can_name_it(tmp_path: Path) -> None:
    call = "Shop.upsert_all([{ code: 'a', mail: 'b' }], unique_by: :mail)"
    (finding,) = _checked(tmp_path, call, "CREATE UNIQUE INDEX shops_mail ON shops (lower(mail))")
    assert (finding.code, finding.effect) == ("PGA104", _RAISES)
    assert finding.remedy.startswith("Name the index: unique_by: :shops_mail.")


def test_rails_raises_when_a_column_of_the_target_does_not_exist(tmp_path: Path) -> None:
    call = "Shop.upsert_all([{ code: 'a' }], unique_by: %i[code plan])"
    (finding,) = _checked(tmp_path, call, "CREATE UNIQUE INDEX shops_code ON shops (code)")
    assert (finding.code, finding.effect) == ("PGA002", _RAISES)


def test_a_deferrable_constraint_is_one_for_rails_and_none_for_the_server(tmp_path: Path) -> None:
    call = "Shop.upsert_all([{ code: 'a', mail: 'b' }], unique_by: :code)"
    found = _checked(tmp_path, call, "ALTER TABLE shops ADD UNIQUE (code) DEFERRABLE")
    assert ["ArgumentError" in finding.effect for finding in found] == [False]
