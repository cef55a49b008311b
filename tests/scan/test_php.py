from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Status
from pgarbiter.scan.languages import parse
from pgarbiter.scan.model import SourceFile
from pgarbiter.scan.values import Call, Class, Import, Lambda, Member, Name, Param, Record, Sequence

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite
    from pgarbiter.scan.model import Module


def _module(source: str) -> Module:
    module = parse(SourceFile("a.php", "php", f"<?php\n{source}\n"))
    assert module is not None
    return module


def _sites(tmp_path: Path, files: dict[str, str]) -> tuple[WriteSite, ...]:
    return sites_of(tmp_path, {name: f"<?php\n{source}\n" for name, source in files.items()})


def _tables(sites: tuple[WriteSite, ...]) -> list[str]:
    return [str(site.write.table) for site in sites]


@pytest.mark.parametrize(
    "string",
    [
        "'INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO NOTHING'",
        '"INSERT INTO t (a) VALUES ($x) ON CONFLICT (a) DO NOTHING"',
        "'INSERT INTO t (a) ' . 'VALUES (?) ON CONFLICT (a) DO NOTHING'",
        "<<<SQL\n    INSERT INTO t (a) VALUES ({$x->y})\n    ON CONFLICT (a) DO NOTHING\n    SQL",
        "<<<'SQL'\nINSERT INTO t (a) VALUES (:a)\nON CONFLICT (a) DO NOTHING\nSQL",
        "sprintf('INSERT INTO %s (a) VALUES (%d) ON CONFLICT (a) DO NOTHING', 't', $x)",
        "implode(' ', ['INSERT INTO t (a)', 'VALUES (?)', 'ON CONFLICT (a) DO NOTHING'])",
    ],
)
def test_every_kind_of_string_is_read(tmp_path: Path, string: str) -> None:
    (site,) = _sites(tmp_path, {"a.php": f"$this->conn->executeStatement({string});"})
    assert _tables((site,)) == ["t"]
    assert isinstance(site.write.target, InferenceClause)
    assert site.status is Status.RESOLVED


def test_a_text_that_grows_by_many_statements_is_one(tmp_path: Path) -> None:
    rows = "\n".join(f"$sql .= ' ({number}),';" for number in range(30))
    body = f"$sql = 'INSERT INTO t (a) VALUES';\n{rows}\n$sql .= ' (31)';\n$sql .= ' ON CONFLICT (a) DO NOTHING';"
    (site,) = _sites(tmp_path, {"a.php": f"{body}\n$db->exec($sql);"})
    assert _tables((site,)) == ["t"]
    assert site.span.line == 34


def test_constants_and_properties_of_classes_name_tables(tmp_path: Path) -> None:
    body = """namespace App;
abstract class Store { protected string $table = 'none'; const KEY = 'sku'; }
class Stock extends Store
{
    protected string $table = 'stock';
    public function save() {
        $this->db->exec("INSERT INTO {$this->table} (sku) VALUES (1) ON CONFLICT (" . self::KEY . ") DO NOTHING");
    }
}"""
    (site,) = _sites(tmp_path, {"src/Stock.php": body})
    assert _tables((site,)) == ["stock"]
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("sku",)


def test_a_constant_of_another_file_is_found_by_its_import(tmp_path: Path) -> None:
    tables = "namespace App\\Db;\nfinal class Tables { public const STOCK = 'stock'; }"
    other = "namespace App\\Old;\nfinal class Tables { public const STOCK = 'old'; }"
    body = "namespace App;\nuse App\\Db\\Tables as T;\n"
    body += "$db->exec('INSERT INTO ' . T::STOCK . ' (a) VALUES (1) ON CONFLICT (a) DO NOTHING');"
    found = _sites(tmp_path, {"src/Db/Tables.php": tables, "src/Old/Tables.php": other, "src/a.php": body})
    assert _tables(found) == ["stock"]


def test_a_method_is_followed_to_its_calls(tmp_path: Path) -> None:
    store = """namespace App;
class Store
{
    public function put(string $table, string $key = 'id'): void
    {
        $this->db->exec("INSERT INTO $table ($key) VALUES (1) ON CONFLICT ($key) DO NOTHING");
    }
}"""
    body = "namespace App;\nclass Job\n{\n    public function __construct(private Store $store) {}\n"
    body += "    public function run() { $this->store->put('stock', key: 'sku'); }\n}"
    found = _sites(tmp_path, {"src/Store.php": store, "src/Job.php": body})
    assert sorted(_tables(found)) == ["None", "stock"]


def test_the_calls_of_a_constructor_are_not_those_of_every_other(tmp_path: Path) -> None:
    store = """class Store
{
    public function __construct(string $table) { $this->table = $table; }
    public function put() { $this->db->exec("INSERT INTO {$this->table} (a) VALUES (1) ON CONFLICT DO NOTHING"); }
}
class Other extends Base { public function __construct() { parent::__construct('other'); } }"""
    (site,) = _sites(tmp_path, {"a.php": store})
    assert site.write.table is None


@pytest.mark.parametrize(
    "line",
    [
        "// INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING",
        "/** INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING */",
        "$this->assertSame('INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING', $sql);",
        "$known = ['INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING' => 1];",
        "if ($sql === 'INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING') { go(); }",
    ],
)
def test_other_texts_are_no_writes(tmp_path: Path, line: str) -> None:
    assert _sites(tmp_path, {"a.php": line}) == ()


def test_the_driver_is_told_by_its_connection(tmp_path: Path) -> None:
    body = "$db = new PDO('sqlite:a.db');\n$db->exec('INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING');"
    (site,) = _sites(tmp_path, {"a.php": body})
    assert site.status is Status.NOT_POSTGRES


def test_arrays_are_records_as_soon_as_a_key_stands_in_them() -> None:
    source = "$a = ['x' => 1, 2]; $b = [1, 2]; $c = ['x' => 1, ...$more]; here;"
    module = _module(source)
    at = source.index("here") + 6
    first, second, third = (module.lookup(name, at) for name in ("$a", "$b", "$c"))
    assert isinstance(first, Record)
    assert [key for key, _ in first.entries] == ["x", "0"]
    assert isinstance(second, Sequence)
    assert isinstance(third, Record)
    assert not third.complete


def test_names_of_classes_have_their_namespaces() -> None:
    source = "namespace App;\nuse Lib\\{One, Two as Second};\nuse Lib\\Three;\nfunction go(Four $four) { here; }"
    module = _module(source)
    at = source.index("here") + 6
    found = [module.lookup(name, at) for name in ("One", "Second", "Three", "Four", "\\Five", "Three\\Six")]
    modules = [one.module for one in found if isinstance(one, Import)]
    assert modules == ["Lib.One", "Lib.Two", "Lib.Three", "App.Four", "Five", "Lib.Three.Six"]
    four = module.lookup("$four", at)
    assert isinstance(four, Param)
    assert (four.name, isinstance(four.type, Call)) == ("four", True)


def test_methods_are_found_by_their_classes() -> None:
    module = _module("namespace App;\nclass A { function one() { return 'x'; } }\nfunction two() { return 1; }")
    assert isinstance(module.exported("App.A"), Class)
    assert isinstance(module.exported("A.one"), Lambda)
    assert module.exported("B.one") is None


def test_a_loop_gives_items_and_closures_see_what_they_use() -> None:
    source = "foreach ($rows as $key => $row) { $f = function ($x) use ($row) { here; }; }"
    value = _module(source).lookup("$row", source.index("here") + 6)
    assert isinstance(value, Member)
    assert value.name == "*"
    assert isinstance(value.object, Name)
