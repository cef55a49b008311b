"""Random schemas as SQL: tables, columns of many types, keys, indexes, enums, partitions, views, policies, triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[st.SearchStrategy[object]], object]

LABELS = ("low", "mid", "it's", "high")
# Types, each with a default that fits.
TYPES = (
    ("integer", "7"),
    ("bigint", "8"),
    ("numeric(12,2)", "1.5"),
    ("text", "'x'"),
    ("character varying(20)", "'it''s'"),
    ("boolean", "true"),
    ("timestamp with time zone", "now()"),
    ("date", "'2020-01-01'"),
    ("uuid", "gen_random_uuid()"),
    ("jsonb", "'{}'"),
    ("integer[]", "'{1}'"),
    ("s.level", "'low'"),
    ("s.level[]", "'{low}'"),
    ("s.positive", "2"),
)
COLUMNS = ("a", "b", "Odd Col", "select")
TABLES = ("one", "two", "Th ree")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@st.composite
def column(draw: st.DrawFn, name: str) -> str:
    type_, default = draw(st.sampled_from(TYPES))
    text = f"{quoted(name)} {type_}"
    match draw(st.sampled_from(("", "", "default", "generated", "identity", "function"))):
        case "default":
            text += f" DEFAULT {default}"
        case "generated":
            text = f"{quoted(name)} integer GENERATED ALWAYS AS (id * {draw(st.integers(1, 2))}) STORED"
        case "identity":
            kind = draw(st.sampled_from(("ALWAYS", "BY DEFAULT")))
            text = f"{quoted(name)} bigint GENERATED {kind} AS IDENTITY"
            text += draw(st.sampled_from(("", " (INCREMENT BY 5 CYCLE)")))
        case "function":
            text = f"{quoted(name)} integer DEFAULT s.number(3)"
    return text + draw(st.sampled_from(("", " NOT NULL")))


@st.composite
def table(draw: st.DrawFn, name: str) -> list[str]:
    """A table with its id, and what hangs on it."""
    own = f"s.{quoted(name)}"
    names = draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=3))
    key = draw(st.sampled_from(("integer", "bigint")))
    lines = [f"id {key} PRIMARY KEY", *(draw(column(each)) for each in names)]
    if draw(st.booleans()):
        lines.append(f"CONSTRAINT {quoted(name + ' check')} CHECK (id > {draw(st.integers(0, 2))})")
    if names and draw(st.booleans()):
        lines.append(f"CONSTRAINT {quoted(name + ' key')} UNIQUE ({', '.join(map(quoted, names))})")
    options = draw(st.sampled_from(("", " WITH (fillfactor = 80)")))
    made = [f"CREATE TABLE {own} ({', '.join(lines)}){options}"]
    indexes = draw(st.lists(st.sampled_from(INDEXES), unique=True, max_size=2))
    added = draw(st.lists(st.sampled_from(ADDED), unique=True, max_size=3))
    comments = [each for each in names if draw(st.integers(0, 5)) == 0]
    return [
        *made,
        *(each.format(table=own, columns=", ".join(map(quoted, names)) or "id") for each in indexes),
        *(each.format(table=own, value=draw(st.integers(1, 2))) for each in added),
        *(f"COMMENT ON COLUMN {own}.{quoted(each)} IS 'it''s'" for each in comments),
    ]


INDEXES = (
    "CREATE INDEX ON {table} ({columns})",
    "CREATE INDEX ON {table} (id DESC) WHERE id > 5",
    "CREATE UNIQUE INDEX ON {table} ((id + 1))",
    "CREATE INDEX ON {table} (s.number(id::integer))",
)
ADDED = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON {table} USING (id > {value})",
    "CREATE POLICY read ON {table} FOR SELECT USING (s.number({value}) > 1)",
    "CREATE TRIGGER fires BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NEW.id > {value}) EXECUTE FUNCTION s.fired()",
    "GRANT SELECT ON {table} TO PUBLIC",
    "COMMENT ON TABLE {table} IS 'number {value}'",
    "ALTER TABLE {table} REPLICA IDENTITY FULL",
)


@st.composite
def partitioned(draw: st.DrawFn) -> list[str]:
    names = draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=2))
    columns = [f"{quoted(name)} {draw(st.sampled_from(TYPES))[0]}" for name in names]
    key = draw(st.sampled_from((", PRIMARY KEY (k)", ", UNIQUE (k)", "")))
    made = [f"CREATE TABLE s.parted ({', '.join(['k integer', *columns])}{key}) PARTITION BY LIST (k)"]
    numbers = draw(st.lists(st.integers(1, 3), unique=True, max_size=2))
    made += [f"CREATE TABLE s.part{one} PARTITION OF s.parted FOR VALUES IN ({one})" for one in numbers]
    if draw(st.booleans()):
        made.append("CREATE INDEX parted_k ON s.parted (k) WHERE k > 1")
    if draw(st.booleans()):
        made.append("ALTER TABLE s.parted ADD CONSTRAINT parted_check CHECK (k < 100)")
    return made


@st.composite
def schema(draw: st.DrawFn) -> str:
    """A script that makes a schema named s."""
    labels = draw(st.lists(st.sampled_from(LABELS[1:]), unique=True))
    listed = ", ".join("'" + label.replace("'", "''") + "'" for label in ("low", *labels))
    body = draw(st.sampled_from(("SELECT x", "SELECT x + 1")))
    name = draw(st.sampled_from(("x", "x", "y")))
    number = f"CREATE FUNCTION s.number({name} integer) RETURNS integer LANGUAGE sql IMMUTABLE"
    made = [
        "CREATE SCHEMA s",
        f"CREATE TYPE s.level AS ENUM ({listed})",
        f"CREATE DOMAIN s.positive AS integer CHECK (VALUE > {draw(st.integers(0, 1))})",
        f"{number} AS '{body.replace('x', name)}'",
        "CREATE FUNCTION s.fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ]
    tables = draw(st.lists(st.sampled_from(TABLES), unique=True))
    for each in tables:
        made += draw(table(each))
    for one, two in draw(
        st.lists(st.tuples(st.sampled_from(TABLES), st.sampled_from(TABLES)), unique=True, max_size=2)
    ):
        if one in tables and two in tables:
            action = draw(st.sampled_from(("", " ON DELETE CASCADE", " DEFERRABLE", " NOT VALID")))
            made.append(f"ALTER TABLE s.{quoted(one)} ADD FOREIGN KEY (id) REFERENCES s.{quoted(two)}{action}")
    if draw(st.booleans()):
        made += draw(partitioned())
    if tables:
        what = draw(st.sampled_from(("*", "id", "id, s.number(id::integer) AS n")))
        made.append(f"CREATE VIEW s.first AS SELECT {what} FROM s.{quoted(draw(st.sampled_from(tables)))}")
        if draw(st.booleans()):
            made.append("CREATE VIEW s.a_second AS SELECT * FROM s.first WHERE id > 1")
        if draw(st.booleans()):
            made.append("CREATE MATERIALIZED VIEW s.kept AS SELECT id FROM s.first")
    return ";\n".join(made)
