"""Methods of modules that classes of Ruby include: whose rows they write, and who calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import InferenceClause, Status

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

CONCERN = """module Bulk
  extend ActiveSupport::Concern
  class_methods do
    def bulk(rows)
      upsert_all(rows, unique_by: :email)
    end
  end
end
"""
USER = "class User < ApplicationRecord\n  include Bulk\nend\n"


def test_a_concern_writes_the_rows_of_the_model_that_includes_it(tmp_path: Path) -> None:
    (site,) = sites_of(tmp_path, {"app/models/concerns/bulk.rb": CONCERN, "app/models/user.rb": USER})
    assert str(site.write.table) == "users"
    assert isinstance(site.write.target, InferenceClause)


def test_of_a_concern_of_several_models_no_table_is_told(tmp_path: Path) -> None:
    post = USER.replace("User", "Post")
    (site,) = sites_of(tmp_path, {"bulk.rb": CONCERN, "user.rb": USER, "post.rb": post})
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)
    assert 'whichever includes "Bulk"' in (site.reason or "")


def test_a_module_that_no_model_includes_is_none(tmp_path: Path) -> None:
    search = "class Index\n  include Bulk\nend\n"
    assert not sites_of(tmp_path, {"bulk.rb": CONCERN, "index.rb": search})


HELPER = """module Upserting
  def upsert_sql(table)
    "INSERT INTO #{table} (email) VALUES ($1) ON CONFLICT (email) DO NOTHING"
  end
end
"""


def _tables(place: Path, importer: str) -> list[str]:
    sites = sites_of(place, {"lib/upserting.rb": HELPER, "lib/importer.rb": importer})
    return [str(site.write.table) for site in sites if site.write.table is not None]


def test_a_helper_of_an_included_module_is_followed_to_its_calls(tmp_path: Path) -> None:
    call = 'def run\n    conn.exec(upsert_sql("users"))\n  end'
    assert _tables(tmp_path, f"class Importer\n  include Upserting\n  {call}\nend\n") == ["users"]


def test_a_helper_of_a_superclass_is_followed_too(tmp_path: Path) -> None:
    call = 'def run\n    conn.exec(upsert_sql("users"))\n  end'
    helper = f"class Importer < Base\n  {call}\nend\nclass Base\n  include Upserting\nend\n"
    assert _tables(tmp_path, helper) == ["users"]


def test_a_method_of_that_name_in_a_class_of_its_own_is_another(tmp_path: Path) -> None:
    call = 'def run\n    conn.exec(upsert_sql("users"))\n  end\n  def upsert_sql(table)\n    table\n  end'
    assert _tables(tmp_path, f"class Importer\n  {call}\nend\n") == []
