"""Revisions are the project's own: its template, its head, its places; and they hold whatever names there are."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Project

SCHEMA = "CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL)"
APP = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n"


def test_a_dry_run_shows_what_would_be_written(project: Project) -> None:
    project.schema(SCHEMA).write("app.sql", APP)
    (shown,) = project.repair("--dry-run").json["revisions"]
    assert project.written() == {}
    (written,) = project.repair().json["revisions"]
    assert (shown["path"], shown["revision"]) == (written["path"], written["revision"])
    assert written["text"] == (project.root / written["path"]).read_text()
    assert project.repair().json["proposals"] == []


def test_the_template_of_the_project_is_used(project: Project) -> None:
    project.schema(SCHEMA).write("app.sql", APP)
    template = project.root / "migrations" / "script.py.mako"
    template.write_text("# licence of the project\n" + template.read_text())
    (written,) = project.repair().json["revisions"]
    assert written["text"].startswith("# licence of the project\n")
    assert "import pgarbiter.online\n" in written["text"]


def test_env_py_is_run_for_the_check_only(project: Project) -> None:
    project.schema(SCHEMA).write("app.sql", APP)
    env = project.root / "migrations" / "env.py"
    env.write_text(env.read_text() + "\nopen('ran', 'a').write('x')\n")
    assert project.repair("--dry-run").code == 0
    once = (project.root / "ran").read_text()
    assert project.repair().code == 0
    assert (project.root / "ran").read_text() in (once, once * 2)


def test_several_heads_need_one_to_go_on_from(project: Project) -> None:
    project.schema(SCHEMA).write("app.sql", APP)
    project.revision("0002", "0001", "SELECT 1")
    project.revision("0003", "0001", "SELECT 1")
    ended = project.repair()
    assert (ended.code, "several heads: 0002, 0003" in ended.err) == (2, True)
    assert "--head 0002" in ended.err
    assert project.repair("--head", "0001").code == 2
    (written,) = project.repair("--head", "0003").json["revisions"]
    assert "down_revision: Union[str, Sequence[str], None] = '0003'" in written["text"]


def test_a_file_is_called_by_what_its_revision_does(project: Project) -> None:
    many = ", ".join(f"quite_a_long_column_{number}" for number in range(3))
    odd = '"Odd, ""100 %"" Names"'
    project.schema(
        f"CREATE TABLE orders (customer_id int NOT NULL, sku int NOT NULL, {many.replace(',', ' int NOT NULL,')} int);"
        f"CREATE TABLE {odd} (a int NOT NULL)"
    )
    columns = ("customer_id, sku", many)
    sites = [f"INSERT INTO orders ({one}) VALUES (1) ON CONFLICT ({one}) DO NOTHING;\n" for one in columns]
    project.write("app.sql", "".join((*sites, f"INSERT INTO {odd} (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")))
    names = {written["path"].rpartition("/")[2].partition("_")[2] for written in project.repair().json["revisions"]}
    assert names == {
        "add_unique_orders_customer_id_sku.py",
        "add_unique_orders_quite_a_long_column_0.py",
        "add_unique_odd_100_names_a.py",
    }


def test_a_template_for_names_of_files_is_kept(project: Project) -> None:
    project.schema(SCHEMA).write("app.sql", APP)
    ini = project.root / "alembic.ini"
    ini.write_text(ini.read_text().replace("[alembic]", "[alembic]\nfile_template = x_%%(slug)s_%%(rev)s", 1))
    (written,) = project.repair().json["revisions"]
    assert written["path"].endswith(f"/x_add_unique_t_a_{written['revision']}.py")


def test_revisions_follow_one_another(project: Project) -> None:
    project.schema(SCHEMA + "; CREATE TABLE u (b int NOT NULL)")
    project.write("app.sql", APP + "INSERT INTO u (b) VALUES (1) ON CONFLICT (b) DO NOTHING;\n")
    first, second = project.repair().json["revisions"]
    assert f"= '{first['revision']}'" in second["text"]
    assert project.check().json["findings"] == []


def test_names_that_need_quoting_stay_what_they_are(project: Project) -> None:
    table, column = '"Odd ""\\t"', '"""a\\"'
    project.schema(f"CREATE TABLE {table} (id serial PRIMARY KEY, {column} text NOT NULL)")
    project.write("app.sql", f"INSERT INTO {table} ({column}) VALUES ('x') ON CONFLICT ({column}) DO NOTHING;\n")
    (written,) = project.repair().json["revisions"]
    assert ast.parse(written["text"])
    assert project.check().json["findings"] == []


def test_what_is_to_be_filled_in_brings_back_what_it_takes_out(project: Project) -> None:
    project.schema(SCHEMA).write("app.sql", APP)
    (refusing,) = project.repair("--dry-run").json["revisions"]
    (taking,) = project.repair("--dry-run", "--duplicates", "quarantine", "--keep", "id").json["revisions"]
    told = " ".join(refusing["text"].split())
    (restore,) = re.findall(r"restore='[^']*'", taking["text"])
    assert f"to the downgrade {restore}" in told


def test_each_revision_of_a_change_is_called_after_its_own_column(project: Project) -> None:
    project.schema("CREATE TABLE m (a int, b int, UNIQUE (a, b))")
    project.write("app.sql", "INSERT INTO m (a, b) VALUES (1, 2) ON CONFLICT (a, b) DO NOTHING;\n")
    texts = [each["text"] for each in project.repair("--choose", "PGA205=not-null").json["revisions"]]
    assert [text.splitlines()[0].partition(":")[0] for text in texts] == ['"""set not null m.a', '"""set not null m.b']


def test_a_project_whose_revisions_cannot_be_loaded_is_an_error(project: Project) -> None:
    project.schema(SCHEMA).write("app.sql", APP).write("schema.sql", SCHEMA + ";")
    broken = project.versions / "0002.py"
    broken.write_text("import a_module_that_is_not_there\n")
    common = ("repair", project.root, "--schema", "sql:schema.sql", "--versions-of", project.root / "alembic.ini")
    ended = project.command(*common)
    assert (ended.code, "its revisions cannot be loaded" in ended.err) == (2, True)
    broken.unlink()
    assert project.command(*common).code == 0
    assert len(project.written()) == 1
