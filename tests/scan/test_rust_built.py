"""Statements of Rust that are put together call after call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "body",
    [
        """let mut s = String::with_capacity(9); s.push_str("INSERT INTO users (email) "); s.push_str("VALUES ($1) ");
           s.push_str("ON CONFLICT (email) DO NOTHING"); run(&s);""",
        """let mut s = String::new(); write!(s, "INSERT INTO users (email) VALUES ($1)").unwrap();
           write!(&mut s, " ON CONFLICT (email) DO NOTHING").unwrap(); run(&s);""",
        """let mut s = format!("INSERT INTO {} (email) VALUES ($1)", "users"); s += " ON CONFLICT (email) DO NOTHING";
           writeln!(s, " RETURNING id")?; run(&s);""",
        """let mut b = QueryBuilder::new("INSERT INTO users (email) VALUES "); let mut parts = b.separated(", ");
           for r in rows { parts.push("("); } b.push(" ON CONFLICT (email) DO NOTHING"); b.build();""",
        """let mut s = String::from("INSERT INTO users (email) VALUES "); for r in rows { s.push_str("($1), "); }
           s.truncate(s.len() - 2); s += " ON CONFLICT (email) DO NOTHING"; run(&s);""",
    ],
)
def test_a_string_that_grows_is_one_statement(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, {"src/save.rs": f"fn save(rows: Vec<Row>) -> Result<()> {{\n{body}\n}}\n"})
    assert site.status is Status.RESOLVED
    assert str(site.write.table) == "users"
    assert site.write.columns == ("email",)


def test_what_is_written_to_a_parameter_is_no_statement_of_that_text(tmp_path: Path) -> None:
    body = 'fn tail(out: &mut String) { write!(out, " ON CONFLICT (email) DO NOTHING").unwrap(); }\n'
    (site,) = sites_of(tmp_path, {"src/tail.rs": body})
    assert site.status is Status.UNRESOLVED
    assert site.write.table is None
