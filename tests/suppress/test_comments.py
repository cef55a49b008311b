"""Comments leave findings out where they say why, in every language, and nowhere else."""

from __future__ import annotations

import psycopg
import pytest

from pgarbiter.rules._ignores import ignore_of
from pgarbiter.scan.model import Remark

from .conftest import BAD, GOOD, TABLE, Project, left, out

WHY = "pgarbiter: ignore[no-arbiter-index] because the index is made by another team"
REASON = "the index is made by another team"
# Of each language a statement that has no arbiter, with the comment where people write it.
LANGUAGES = {
    "before.ts": f'// {WHY}\npool.query("{BAD}")\n',
    "block.ts": f'/* {WHY} */\npool.query("{BAD}")\n',
    "behind.ts": f'pool.query("{BAD}") // {WHY}\n',
    "long.ts": f"// {WHY}\nconst saved =\n  await pool.query(\n    `INSERT INTO t (a, c) VALUES (1, 2)\n"
    "    ON CONFLICT (c) DO NOTHING`,\n  )\n",
    "sql.ts": f"pool.query(`INSERT INTO t (a, c) VALUES (1, 2)\n  -- {WHY}\n  ON CONFLICT (c) DO NOTHING`)\n",
    "client.ts": 'import { createClient } from "@supabase/supabase-js"\nconst db = createClient("u", "k")\n'
    f'// {WHY}\nconst {{ error }} = await db\n  .from("t")\n  .upsert({{ a: 1, c: 2 }}, {{ onConflict: "c" }})\n'
    "if (error) throw error\n",
    "app.jsx": f'// {WHY}\npool.query("{BAD}")\n',
    "app.vue": f'<template><p>x</p></template>\n<script>\n// {WHY}\npool.query("{BAD}")\n</script>\n',
    "app.py": f'# {WHY}\ncursor.execute(\n    "INSERT INTO t (a, c) VALUES (1, 2)"\n'
    '    " ON CONFLICT (c) DO NOTHING"\n)\n',
    "sql.py": 'cursor.execute("""\n    INSERT INTO t (a, c) VALUES (1, 2)\n'
    f'    ON CONFLICT (c) DO NOTHING  /* {WHY} */\n""")\n',
    "app.go": f'package a\n\nfunc save() {{\n\t// {WHY}\n\t_, err := db.Exec("{BAD}")\n\tcheck(err)\n}}\n',
    "App.java": f'class App {{\n  void save() {{\n    // {WHY}\n    jdbc.update("{BAD}");\n  }}\n}}\n',
    "App.kt": f'fun save() {{\n    // {WHY}\n    jdbc.update("{BAD}")\n}}\n',
    "App.scala": f'object App {{\n  def save() = {{\n    // {WHY}\n    jdbc.update("{BAD}")\n  }}\n}}\n',
    "App.cs": f'class App {{\n  void Save() {{\n    // {WHY}\n    db.Execute("{BAD}");\n  }}\n}}\n',
    "app.rs": f'fn save() {{\n    // {WHY}\n    client.execute("{BAD}", &[]);\n}}\n',
    "app.rb": f'# {WHY}\nconnection.execute("{BAD}")\n',
    "app.php": f'<?php\n# {WHY}\n$db->exec("{BAD}");\n',
    "app.ex": f'defmodule App do\n  def save do\n    # {WHY}\n    Repo.query("{BAD}")\n  end\nend\n',
    "app.dart": f'void save() {{\n  // {WHY}\n  db.execute("{BAD}");\n}}\n',
    "app.swift": f'func save() {{\n  // {WHY}\n  db.execute("{BAD}")\n}}\n',
    "app.sh": f'# {WHY}\npsql -c "{BAD}"\n',
    "app.yml": f"steps:\n  # {WHY}\n  - run: psql -c '{BAD}'\n",
    "app.sql": f"-- {WHY}\n{BAD};\n",
    "template.sql": f"{{# {WHY} #}}\n{BAD};\n",
    "body.sql": f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n  -- {WHY}\n  {BAD};\nEND $$;\n",
    "mapper.xml": f'<mapper namespace="m">\n  <!-- {WHY} -->\n  <insert id="i">{BAD}</insert>\n</mapper>\n',
    "book.ipynb": f'{{"cells": [{{"cell_type": "code", "source": [\n  "# {WHY}\\n",\n'
    f'  "cursor.execute(\\"{BAD}\\")\\n"\n]}}]}}\n',
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_comment_leaves_a_finding_out_in_each_language(project: Project, name: str) -> None:
    project.write(name, LANGUAGES[name])
    report = project.check()
    assert (left(report), [(by, why) for _, by, why in out(report)]) == ([], [("comment", REASON)])


@pytest.mark.parametrize("name", LANGUAGES)
def test_without_the_comment_the_finding_is_there(project: Project, name: str) -> None:
    project.write(name, LANGUAGES[name].replace(WHY, "a comment"))
    assert [rule for _, _, rule in left(project.check())] == ["no-arbiter-index"]


@pytest.mark.parametrize(
    "text",
    [
        f'const why = "// {WHY}"; pool.query("{BAD}")\n',
        f'const why = "-- {WHY}"\npool.query("{BAD}")\n',
        f'log(`-- {WHY}`); pool.query("{BAD}")\n',
        f"pool.query(\"INSERT INTO t (a, c) VALUES (1, '-- {WHY}') ON CONFLICT (c) DO NOTHING\")\n",
        f'// {WHY}\n\npool.query("{BAD}")\n',
        f'// {WHY}\nexport const save = () => {{\n  log("x")\n  pool.query("{BAD}")\n}}\n',
    ],
)
def test_a_text_or_a_comment_elsewhere_leaves_nothing_out(project: Project, text: str) -> None:
    project.write("a.ts", text)
    assert "no-arbiter-index" in [rule for _, _, rule in left(project.check())]


@pytest.mark.parametrize(
    ("name", "head", "call"),
    [
        ("a.ts", "export function save() {", 'pool.query("{}")'),
        ("a.py", "def save():", 'cursor.execute("{}")'),
        ("a.go", "package a\n\nfunc save() {", 'db.Exec("{}")'),
        ("b.go", "package a\n\nfunc save() {\n\tswitch x {\n\tcase 1:", 'db.Exec("{}")'),
        ("a.java", "class App {\n  void save() {", 'jdbc.update("{}");'),
        ("a.kt", "fun save() {", 'jdbc.update("{}")'),
        ("b.kt", "val save = run {", 'jdbc.update("{}")'),
        ("a.swift", "func save() {", 'db.execute("{}")'),
        ("a.rs", "fn save() {", 'client.execute("{}", &[]);'),
        ("a.rb", "def save", 'connection.execute("{}")'),
        ("a.php", "<?php\nfunction save() {", '$db->exec("{}");'),
        ("a.ex", "defmodule App do\n  def save do", 'Repo.query("{}")'),
    ],
)
def test_a_comment_at_the_top_of_a_body_is_about_the_first_statement_alone(
    project: Project, name: str, head: str, call: str
) -> None:
    sign = "#" if name.endswith((".py", ".rb", ".ex")) else "//"
    lines = [head, f"    {sign} {WHY}", f"    {call.format(BAD)}", f"    {call.format(BAD)}"]
    lines += ["}" * head.count("{")] if "{" in head else ["end"] * head.count("do") if name.endswith(".ex") else []
    lines += ["end"] if name.endswith(".rb") else []
    project.write(name, "\n".join(lines) + "\n")
    first = head.count("\n") + 3
    report = project.check()
    assert [line for line, _, _ in out(report)] == [first]
    assert left(report) == [(name, first + 1, "no-arbiter-index")]


def test_a_docstring_is_no_comment(project: Project) -> None:
    project.write("a.py", f'def save():\n    """{WHY}"""\n    cursor.execute("{BAD}")\n')
    assert left(project.check()) == [("a.py", 3, "no-arbiter-index")]


def test_one_comment_names_several_rules_by_name_or_code(project: Project) -> None:
    project.write("a.ts", f'// pgarbiter: ignore[nullable-target, pga101] because of x\npool.query("{BAD}")\n')
    report = project.check()
    assert out(report) == [(2, "comment", "of x")]
    (unused,) = report.findings
    assert (unused.rule, unused.span and unused.span.line) == ("unused-ignore", 1)
    assert unused.message == 'the comment has nothing to leave out: no finding of "nullable-target" here'
    assert unused.remedy == 'Remove "nullable-target" from the comment.'


def test_a_comment_of_several_lines_is_one(project: Project) -> None:
    project.write("a.ts", f'// pgarbiter: ignore[PGA101] because the index\n// is elsewhere\npool.query("{BAD}")\n')
    assert out(project.check()) == [(3, "comment", "the index is elsewhere")]


def test_the_nearest_of_two_statements_is_meant(project: Project) -> None:
    project.write("a.ts", f'save(\n  pool.query("{BAD}"), // {WHY}\n  pool.query("{BAD}"),\n)\n')
    assert left(project.check()) == [("a.ts", 3, "no-arbiter-index")]


def test_a_whole_file_is_left_out_near_its_top_alone(project: Project) -> None:
    line = WHY.replace("ignore", "ignore-file")
    project.write("top.ts", f'// {line}\n\npool.query("{BAD}")\npool.query("{BAD}")\n')
    project.write("low.ts", "\n" * 30 + f'// {line}\npool.query("{BAD}")\n')
    report = project.check()
    assert [by for _, by, _ in out(report)] == ["comment", "comment"]
    assert left(report) == [("low.ts", 31, "unused-ignore"), ("low.ts", 32, "no-arbiter-index")]
    assert report.findings[0].remedy == "Move it to the first 20 lines of the file."


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("ignore[no-arbiter-index]", "it has no reason"),
        ("ignore[no-arbiter-index] because", "it has no reason"),
        ("ignore[no-arbiter-index] because ...", "it has no reason"),
        ("ignore because the index is elsewhere", "it names no rule"),
        ("ignore[] because the index is elsewhere", "it names no rule"),
        ("ignore[no-arbiter-indx] because the index is elsewhere", 'rule "no-arbiter-indx" does not exist'),
        ("ignore[PGA1] because the index is elsewhere", 'rule "PGA1" does not exist'),
        ("ingore[no-arbiter-index] because the index is elsewhere", '"ingore" is not known'),
    ],
)
def test_a_comment_that_does_not_say_enough_leaves_nothing_out_and_is_found(
    project: Project, comment: str, told: str
) -> None:
    project.write("a.ts", f'// pgarbiter: {comment}\npool.query("{BAD}")\n')
    report = project.check()
    assert left(report) == [("a.ts", 1, "unused-ignore"), ("a.ts", 2, "no-arbiter-index")]
    assert told in report.findings[0].message


def test_what_to_write_is_told(project: Project) -> None:
    project.write("a.ts", f'// pgarbiter: ignore[no-arbiter-index]\npool.query("{BAD}")\n')
    assert project.check().findings[0].remedy == "Say why: pgarbiter: ignore[no-arbiter-index] because ..."


def test_a_comment_about_something_else_is_nobodys_business(project: Project) -> None:
    project.write("a.ts", f'// pgarbiter: runs on every push\n// see pgarbiter:latest\npool.query("{GOOD}")\n')
    assert left(project.check()) == []


def test_an_unused_comment_is_not_told_where_it_cannot_be_known(project: Project) -> None:
    path = project.write("a.ts", f'// {WHY}\npool.query("{GOOD}")\npool.query("{GOOD}")\n')
    assert left(project.check()) == [("a.ts", 1, "unused-ignore")]
    assert left(project.check(select=("nullable-target", "unused-ignore"))) == []
    assert left(project.check(ignore=("no-arbiter-index",))) == []
    assert left(project.check(path, only_line=3)) == []


def test_a_site_that_nobody_can_judge_leaves_its_comment_alone(project: Project) -> None:
    project.write(
        "a.ts", f"// {WHY}\npool.query(`INSERT INTO ${{name()}} (a) VALUES (1) ON CONFLICT (c) DO NOTHING`)\n"
    )
    assert "unused-ignore" not in [rule for _, _, rule in left(project.check())]


def test_the_body_of_a_function_in_the_database_has_comments_too(project: Project, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
        for name, comment in {"f": WHY, "g": "pgarbiter: ignore[no-arbiter-index]"}.items():
            connection.execute(
                f"CREATE FUNCTION {name}() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n -- {comment}\n {BAD}; END $$"
            )
    report = Project(project.root, database).check(in_database=True)
    assert out(report) == [(3, "comment", REASON)]
    assert [(f.span.place, f.rule) for f in report.findings if f.span] == [
        ("in the database: function public.g(), line 2", "unused-ignore"),
        ("in the database: function public.g(), line 3", "no-arbiter-index"),
    ]


def test_a_comment_where_a_file_defines_it_counts_for_the_database(project: Project, database: str) -> None:
    body = f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n {BAD}; END $$"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(body)
    project.write("db/schema.sql", f"{TABLE};\n{body.replace(' INSERT', f' -- {WHY}' + chr(10) + ' INSERT', 1)};\n")
    report = Project(project.root, database).check(in_database=True)
    assert [by for _, by, _ in out(report)] == ["comment"]


@pytest.mark.parametrize("text", ["pgarbiter:", "pgarbiter: ", "pgarbiter: [", "pgarbiter: ignore-file", "\x00"])
def test_odd_comments_do_no_harm(text: str) -> None:
    ignore_of(Remark("a.ts", 1, text, 1, alone=True))
