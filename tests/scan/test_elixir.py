from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Status
from pgarbiter.scan.languages import parse
from pgarbiter.scan.literals import place_of
from pgarbiter.scan.model import SourceFile
from pgarbiter.scan.values import Call, Class, Import, Join, Lambda, Param, Record, Sequence, Text

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite
    from pgarbiter.scan.model import Module


def _module(source: str) -> Module:
    module = parse(SourceFile("a.ex", "elixir", source))
    assert module is not None
    return module


def _wrapped(body: str) -> str:
    return f"defmodule Shop.Stock do\n  alias Shop.Repo\n{body}\nend\n"


def _tables(sites: tuple[WriteSite, ...]) -> list[str]:
    return [str(site.write.table) for site in sites]


@pytest.mark.parametrize(
    "string",
    [
        '"INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING"',
        '"INSERT INTO t (a) " <> "VALUES ($1) ON CONFLICT (a) DO NOTHING"',
        "~s(INSERT INTO t (a\\) VALUES ($1\\) ON CONFLICT (a\\) DO NOTHING)",
        "~S|INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING|",
        '"""\n    INSERT INTO t (a) VALUES ($1)\n    ON CONFLICT (a) DO NOTHING\n    """',
        '["INSERT INTO ", "t", " (a) VALUES ($1", ?), " ON CONFLICT (a) DO NOTHING"]',
        '["INSERT INTO t (a) ", ["VALUES ($1) " | "ON CONFLICT (a) DO NOTHING"]]',
        'IO.iodata_to_binary(["INSERT INTO t (a) VALUES ($1)", " ON CONFLICT (a) DO NOTHING"])',
        'Enum.join(["INSERT INTO t (a)", "VALUES ($1)", "ON CONFLICT (a) DO NOTHING"], " ")',
    ],
)
def test_every_kind_of_string_is_read(tmp_path: Path, string: str) -> None:
    (site,) = sites_of(tmp_path, {"lib/a.ex": _wrapped(f"  def go, do: Repo.query!({string}, [1])")})
    assert _tables((site,)) == ["t"]
    assert isinstance(site.write.target, InferenceClause)
    assert site.status is Status.RESOLVED


def test_a_list_in_a_variable_is_one_text_where_it_is_run(tmp_path: Path) -> None:
    body = """  def go(x) do
    sql = ["INSERT INTO t (a) VALUES ($1)", " ON CONFLICT (a) DO NOTHING"]
    Repo.query!(sql, [x])
  end"""
    assert _tables(sites_of(tmp_path, {"lib/a.ex": _wrapped(body)})) == ["t"]


def test_a_list_of_statements_that_are_run_one_by_one_is_not_one_text(tmp_path: Path) -> None:
    body = """  def go do
    for sql <- ["INSERT INTO t (a) VALUES (1)", "INSERT INTO u (a) VALUES (1) ON CONFLICT (a) DO NOTHING"] do
      Repo.query!(sql)
    end
  end"""
    assert _tables(sites_of(tmp_path, {"lib/a.ex": _wrapped(body)})) == ["t", "u"]


def test_attributes_are_put_into_strings_and_stand_for_the_clause_where_they_are(tmp_path: Path) -> None:
    body = """  @table "stock"
  @clause "ON CONFLICT (sku) DO NOTHING"
  def go, do: Repo.query!("INSERT INTO #{@table} (sku) VALUES ($1) #{@clause}")"""
    (site,) = sites_of(tmp_path, {"lib/a.ex": _wrapped(body)})
    assert _tables((site,)) == ["stock"]
    assert site.span.line == 4


def test_documentation_is_no_code(tmp_path: Path) -> None:
    body = '  @moduledoc """\n  INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING\n  """\n  def go, do: 1'
    assert sites_of(tmp_path, {"lib/a.ex": _wrapped(body)}) == ()


def test_what_is_compared_is_not_executed(tmp_path: Path) -> None:
    body = '  test "x" do\n    assert sql =~ "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"\n  end'
    assert sites_of(tmp_path, {"lib/a.ex": _wrapped(body)}) == ()


def test_a_function_of_another_module_is_followed_to_its_calls(tmp_path: Path) -> None:
    sql = 'defmodule Shop.Sql do\n  def into(table), do: Shop.Repo.query!("INSERT INTO #{table} (a) VALUES (1) '
    sql += 'ON CONFLICT (a) DO NOTHING")\nend\n'
    body = '  alias Shop.Sql\n  def go, do: Sql.into("stock")'
    found = sites_of(tmp_path, {"lib/sql.ex": sql, "lib/a.ex": _wrapped(body)})
    assert sorted(_tables(found)) == ["None", "stock"]


def test_a_pipe_gives_its_left_side_as_the_first_argument() -> None:
    (call,) = _module("x |> Repo.insert(on_conflict: :nothing)").calls(frozenset({"insert"}))
    assert len(call.args) == 1
    assert dict(call.keywords)["on_conflict"] == Text("nothing", ((0, 31),), "a.ex")
    assert (call.offset, call.name_offset) == (0, 10)


def test_the_head_of_a_definition_is_no_call() -> None:
    source = "defmodule A do\n  def insert(x) when x > 1, do: x\n  def go, do: insert(2)\nend\n"
    assert len(list(_module(source).calls(frozenset({"insert"})))) == 1


def test_a_name_that_is_bound_again_is_another_from_there_on() -> None:
    source = 'def go do\n  a = "1"\n  if b do\n    a = "2"\n    use(a)\n  end\n  last(a)\nend\n'
    module = _module(source)
    inner, outer = (module.lookup("a", source.index(word)) for word in ("use", "last"))
    assert [value.text for value in (inner, outer) if isinstance(value, Text)] == ["2", "1"]


def test_parameters_know_their_defaults_and_structs() -> None:
    source = "defmodule A do\n  def go(%User{} = user, opts \\\\ [], {:ok, x}) do\n    here\n  end\nend\n"
    module = _module(source)
    function = module.function_at(source.index("here"))
    assert function is not None
    assert [param.name for param in function.params] == ["user", "opts", ""]
    assert isinstance(function.params[0].type, Call)
    assert isinstance(function.params[1].default, Sequence)
    assert isinstance(module.lookup("user", source.index("here")), Param)
    assert not isinstance(module.lookup("x", source.index("here")), Param)


def test_aliases_stand_for_whole_names() -> None:
    source = "defmodule A.B do\n  alias A.{C, D.E}\n  alias X.Y, as: Z\n  alias __MODULE__.F\n  here\nend\n"
    module = _module(source)
    found = [module.lookup(name, source.index("here")) for name in ("C", "E", "Z", "F", "Q.R")]
    assert [one.module for one in found if isinstance(one, Import)] == ["A.C", "A.D.E", "X.Y", "A.B.F", "Q.R"]


def test_a_module_inside_of_another_has_its_name_in_front() -> None:
    module = _module('defmodule A do\n  defmodule B do\n    @x "1"\n  end\nend\n')
    inner = module.exported("A.B")
    assert isinstance(inner, Class)
    assert inner.name == "A.B"


def test_a_function_with_several_clauses_is_not_known_by_what_it_returns() -> None:
    module = _module('defmodule A do\n  def one, do: "1"\n  def two(1), do: "2"\n  def two(_), do: "3"\nend\n')
    assert isinstance(module.exported("A.one"), Lambda)
    assert module.exported("A.two") is None


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ('%{"a" => 1, b: 2}', ["a", "b"]),
        ("[a: 1, b: 2]", ["a", "b"]),
        ("Map.put(row, :a, 1)", ["a"]),
        ("row |> Map.merge(%{a: 1})", ["a"]),
        ("%{row | a: 1}", ["a"]),
        ("opts ++ [a: 1]", ["a"]),
    ],
)
def test_maps_and_keyword_lists_are_records(source: str, keys: list[str]) -> None:
    module = _module(f"x = {source}\nhere\n")
    value = module.lookup("x", len(source) + 5)
    assert isinstance(value, Record)
    assert [key for key, _ in value.entries] == keys
    assert value.complete is ("row" not in source and "opts" not in source)


def test_escapes_keep_every_place() -> None:
    source = 'x = "a\\n#{b}\\"INTO"\n'
    (value,) = _module(source).strings("INTO")
    assert isinstance(value, Join)
    last = value.parts[-1]
    assert isinstance(last, Text)
    assert last.text == '"INTO'
    assert place_of(last) == source.index('\\"INTO')
