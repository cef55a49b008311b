"""Strings, names and constants of Ruby."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import InferenceClause, Mechanism, Status
from pgarbiter.scan.hosts.ruby import RubyModule
from pgarbiter.scan.model import SourceFile
from pgarbiter.scan.values import Class, Join, Text

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite
    from pgarbiter.scan.values import Value


def _module(text: str) -> RubyModule:
    return RubyModule(SourceFile("a.rb", "ruby", text))


def _strings(text: str, pattern: str = "") -> list[Value]:
    return list(_module(text).strings(pattern))


def _one(text: str) -> Text:
    (value,) = _strings(f"x = {text}\n")
    assert isinstance(value, Text)
    return value


def _only(tmp_path: Path, text: str, **others: str) -> WriteSite:
    (site,) = sites_of(tmp_path, {"lib/a.rb": text, **others})
    return site


def test_single_quotes_escape_only_themselves_and_the_backslash() -> None:
    assert _one(r"'it\'s \n \\'").text == r"it's \n " + "\\"


def test_double_quotes_decode_escapes_at_their_places() -> None:
    text = _one(r'"a\tb\u{41}c"')
    assert text.text == "a\tbAc"
    assert text.runs == ((0, 5), (1, 6), (2, 8), (3, 9), (4, 15))


def test_percent_literals_are_strings() -> None:
    assert _one("%q(it's (nested))").text == "it's (nested)"
    assert _one("%(plain)").text == "plain"
    assert _one("%Q{two}").text == "two"


def test_adjacent_literals_are_one_string() -> None:
    (value,) = _strings('x = "a" \\\n  "b"\n')
    assert isinstance(value, Join)
    assert [part.text for part in value.parts if isinstance(part, Text)] == ["a", "b"]


def test_a_squiggly_heredoc_loses_the_indentation_of_its_least_indented_line() -> None:
    source = "x = <<~SQL\n    select 1\n      from t\n\n  where a\nSQL\n"
    (value,) = _strings(source, "select")
    assert isinstance(value, Text)
    assert value.text == "  select 1\n    from t\n\nwhere a\n"
    for at, offset in value.runs:
        assert source[offset] == value.text[at]


def test_a_dashed_heredoc_keeps_its_indentation() -> None:
    (value,) = _strings("x = <<-SQL\n    select 1\n  SQL\n", "select")
    assert isinstance(value, Text)
    assert value.text == "    select 1\n"


def test_a_quoted_heredoc_has_neither_escapes_nor_interpolations() -> None:
    (value,) = _strings("x = <<~'SQL'\n  select '#{a}\\n'\nSQL\n", "select")
    assert isinstance(value, Text)
    assert value.text == "select '#{a}\\n'\n"


def test_two_heredocs_of_one_line_have_their_own_texts() -> None:
    values = _strings("f(<<~A, <<~B)\n  one\nA\n  two\nB\n")
    assert sorted(value.text for value in values if isinstance(value, Text)) == ["one\n", "two\n"]


def test_a_heredoc_that_is_squished_and_interpolated_is_one_statement(tmp_path: Path) -> None:
    site = _only(
        tmp_path,
        """
class Stats
  TABLE = "stats".freeze
  def write(day)
    connection.execute(<<~SQL.squish, "name")
      INSERT INTO #{TABLE} (day, hits)
        VALUES (#{connection.quote(day)}, 1)
      ON CONFLICT (day)
        DO UPDATE SET hits = stats.hits + 1
    SQL
  end
end
""",
    )
    assert (site.span.line, site.statement_line) == (8, 6)
    assert str(site.write.table) == "stats"
    assert site.write.columns == ("day", "hits")


def test_a_statement_that_is_appended_to_is_read_whole(tmp_path: Path) -> None:
    site = _only(
        tmp_path,
        """
def save(rows)
  sql = +"INSERT INTO seats (row, no) VALUES "
  sql << rows.map { |r| "(#{r.row}, #{r.no})" }.join(", ")
  sql += " ON CONFLICT (row, no)"
  sql << " DO NOTHING" << ";"
  conn.exec(sql)
end
""",
    )
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("row", "no")
    assert site.status is Status.RESOLVED


def test_names_and_values_of_a_format_are_put_in(tmp_path: Path) -> None:
    site = _only(
        tmp_path,
        """
KEY = %w[a b].freeze
def go
  run(format("INSERT INTO %<t>s (a, b) VALUES (%{v}, 1) ON CONFLICT (#{KEY.join(', ')}) DO NOTHING", t: "pairs", v: x))
end
""",
    )
    assert str(site.write.table) == "pairs"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a", "b")


def test_constants_of_other_files_are_found_by_their_nesting(tmp_path: Path) -> None:
    files = {
        "lib/shop/names.rb": 'module Shop\n  module Names\n    TABLE = "shop_items"\n  end\nend\n',
        "lib/names.rb": 'module Names\n  TABLE = "others"\nend\n',
        "lib/shop/writer.rb": """
module Shop
  class Writer
    def go
      run("INSERT INTO #{Names::TABLE} (a) VALUES (1) ON CONFLICT (a) DO NOTHING")
    end
  end
end
""",
        "lib/main.rb": 'run("INSERT INTO #{Names::TABLE} (a) VALUES (1) ON CONFLICT (a) DO NOTHING")\n',
    }
    found = {site.span.path: str(site.write.table) for site in sites_of(tmp_path, files)}
    assert found == {"lib/shop/writer.rb": "shop_items", "lib/main.rb": "others"}


def test_a_method_without_parameters_is_what_it_gives(tmp_path: Path) -> None:
    site = _only(
        tmp_path,
        """
class W
  def go = conn.exec("INSERT INTO #{table} (a) VALUES (1) ON CONFLICT (#{key}) DO NOTHING")
  def table
    return "cold" if old?
    "cold"
  end
  attr_reader :key
  def initialize
    @key = "a"
  end
end
""",
    )
    assert str(site.write.table) == "cold"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)


def test_a_wrapper_is_followed_to_its_calls_in_other_files(tmp_path: Path) -> None:
    files = {
        "lib/upsert.rb": """
module Upserts
  def self.put(table, key:, **rest)
    DB.exec("INSERT INTO #{table} (#{key}) VALUES (1) ON CONFLICT (#{key}) DO NOTHING")
  end
end
""",
        "lib/use.rb": 'Upserts.put("mine", key: "code")\n',
    }
    sites = sites_of(tmp_path, files)
    assert [(site.span.path, str(site.write.table)) for site in sites if site.write.table] == [("lib/use.rb", "mine")]
    assert next(site for site in sites if not site.write.table).followed == 1


def test_a_lookup_before_an_insert_is_seen_in_one_method(tmp_path: Path) -> None:
    site = _only(
        tmp_path,
        """
def ensure_tag(conn, name)
  found = conn.exec_params("SELECT id FROM tags WHERE name = $1", [name])
  return found if found.any?
  conn.exec_params("INSERT INTO tags (name) VALUES ($1)", [name])
end
""",
    )
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("name",)


def test_comments_expectations_and_data_are_no_statements(tmp_path: Path) -> None:
    text = """
# INSERT INTO a (x) VALUES (1) ON CONFLICT (x) DO NOTHING
=begin
INSERT INTO b (x) VALUES (1) ON CONFLICT (x) DO NOTHING
=end
expect(sql).to eq("INSERT INTO c (x) VALUES (1) ON CONFLICT (x) DO NOTHING")
assert_equal "INSERT INTO c (x) VALUES (1) ON CONFLICT (x) DO NOTHING", sql
return if sql == "INSERT INTO c (x) VALUES (1) ON CONFLICT (x) DO NOTHING"
__END__
INSERT INTO d (x) VALUES (1) ON CONFLICT (x) DO NOTHING
"""
    assert sites_of(tmp_path, {"lib/a.rb": text}) == ()


def test_specs_are_tests_and_db_migrate_holds_migrations(tmp_path: Path) -> None:
    sql = 'execute("INSERT INTO c (x) VALUES (1) ON CONFLICT (x) DO NOTHING")\n'
    sites = sites_of(
        tmp_path, {"spec/models/a_spec.rb": sql, "db/migrate/20240101000000_add_c.rb": sql, "lib/a.rb": sql}
    )
    assert [site.scope.value for site in sites] == ["migration", "app", "test"]


def test_a_class_tells_its_whole_name_its_superclass_and_its_body() -> None:
    module = _module("""
module Admin
  class User < ApplicationRecord
    self.table_name = "people"
    primary_abstract_class
    has_many :posts
    LIMIT = 3
    class << self
      def find_it = 1
    end
  end
end
""")
    found = module.exported("Admin::User")
    assert isinstance(found, Class)
    assert found.name == "Admin::User"
    assert [key for key, _ in found.body] == ["table_name", "@primary_abstract_class", "@has_many", "LIMIT", "find_it"]
    assert module.exported("User") is None


def test_hashes_have_their_keys_by_any_arrow(tmp_path: Path) -> None:
    (value,) = [
        call.args[0] for call in _module('f({ a: 1, "b" => 2, :c => 3, "d e": 4, f:, **g })\n').calls(frozenset({"f"}))
    ]
    assert [key for key, _ in value.entries] == ["a", "b", "c", "d e", "f"]  # type: ignore[union-attr]
    assert not value.complete  # type: ignore[union-attr]
    del tmp_path


def test_a_list_that_is_wholly_known_is_mapped_item_by_item(tmp_path: Path) -> None:
    site = _only(
        tmp_path,
        """
def save(values)
  columns = %w[a b]
  conn.execute <<~SQL if values
    INSERT INTO t (#{columns.join(", ")}) VALUES #{values}
    ON CONFLICT (#{columns.first}) DO UPDATE SET #{columns.map { |c| "#{c} = EXCLUDED.#{c}" }.join(", ")}
  SQL
end
""",
    )
    assert site.write.columns == ("a", "b")
    assert site.write.set_columns == ("a", "b")


def test_bound_statements_and_their_names_are_read(tmp_path: Path) -> None:
    text = """
UPSERT = <<-SQL.strip_heredoc.freeze
  INSERT INTO counters (name, n) VALUES (:name, :n) ON CONFLICT (name) DO UPDATE SET n = counters.n + :n
SQL
connection.execute(Model.sanitize_sql_array([UPSERT, name: "x", n: 1]))
DB["INSERT INTO logs (a) VALUES (?) ON CONFLICT DO NOTHING", 1].insert
"""
    sites = sites_of(tmp_path, {"lib/a.rb": text})
    assert [str(site.write.table) for site in sites] == ["counters", "logs"]
    assert all(site.status is Status.RESOLVED for site in sites)


def test_what_is_given_by_name_reaches_a_last_hash_or_the_parameters_of_these_names(tmp_path: Path) -> None:
    files = {
        "lib/up.rb": """
module Up
  def self.one(table, options = {})
    DB.exec("INSERT INTO #{table} (a) VALUES (1) ON CONFLICT (#{options[:key]}) DO NOTHING")
  end
  def self.two(table, key:, **rest)
    DB.exec("INSERT INTO #{table} (a) VALUES (1) ON CONFLICT (#{key}) WHERE #{rest[:only]} DO NOTHING")
  end
end
""",
        "lib/use.rb": 'Up.one("first", key: "a")\nUp.two("second", only: "live", key: "b")\n',
    }
    found = [site for site in sites_of(tmp_path, files) if site.span.path == "lib/use.rb"]
    targets = [site.write.target for site in found]
    assert [target.columns for target in targets if isinstance(target, InferenceClause)] == [("a",), ("b",)]
    assert [target.predicate for target in targets if isinstance(target, InferenceClause)] == [None, "live"]


def test_a_block_of_several_parameters_takes_items_apart(tmp_path: Path) -> None:
    text = """
def go
  sets = [["k", 1], ["v", 2]].map { |name, value| "#{name} = EXCLUDED.#{name}" }.join(", ")
  exec("INSERT INTO t (k, v) VALUES (1, 2) ON CONFLICT (k) DO UPDATE SET #{sets}")
end
"""
    site = _only(tmp_path, text)
    assert site.write.set_columns == ("k", "v")
