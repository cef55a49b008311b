"""One small scenario for each form of each operation: what is there, the operation, and what it may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pgarbiter.online import operations
from pgarbiter.online.model import Table

if TYPE_CHECKING:
    from pgarbiter.online.model import Operation


def op(directive: str, table: str, *arguments: Any, schema: str | None = None, **named: Any) -> Operation:
    """The operation that `op.<directive>(table, ...)` runs."""
    return operations()[directive](Table(table, schema), *arguments, **named)


@dataclass(frozen=True, slots=True)
class Scenario:
    """An operation on tables that `setup` makes and fills.

    `earlier` operations run undisturbed before. `accounted`: the tables whose rows must all be there afterwards, or in
    quarantine; by default the operation's own. `rewritten`: columns that the operation itself changes. `volatile`:
    columns whose new values are other ones each time. `since`: the oldest major that has the feature.
    """

    name: str
    setup: str
    operation: Operation
    earlier: tuple[Operation, ...] = ()
    accounted: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    since: int = 14

    @property
    def tables(self) -> tuple[str, ...]:
        """The accounted ones, quoted and qualified as in a statement."""
        return self.accounted or (str(self.operation.table),)

    @property
    def title(self) -> str:
        """Unique among all."""
        return f"{self.operation.directive}: {self.name}"


PLAIN = """
CREATE TABLE t (id int PRIMARY KEY, a int, b int, note text);
INSERT INTO t SELECT n, n, n % 5, 'row ' || n FROM generate_series(1, 20) n;
"""
QUOTED = """
CREATE SCHEMA "My App";
CREATE TABLE "My App"."Order % Items" ("Id" int PRIMARY KEY, "a:b" int, "at" timestamptz);
INSERT INTO "My App"."Order % Items" SELECT n, n / 2, timestamptz '2026-01-01' + n * interval '1 h'
FROM generate_series(1, 20) n;
"""
TWICE = """
CREATE TABLE t (id int PRIMARY KEY, a int, b int, note text, seen int, at timestamptz);
INSERT INTO t SELECT n, n / 2, n % 3, CASE WHEN n % 2 = 0 THEN 'row ' || n END, n,
    timestamptz '2026-01-01' + n * interval '1 h' FROM generate_series(1, 20) n;
INSERT INTO t VALUES (100, NULL, 1, 'null 1', 1, '2026-01-01'), (101, NULL, 1, 'null 2', 1, '2026-01-02');
CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t ON DELETE CASCADE, note text);
INSERT INTO child SELECT n, n, 'child ' || n FROM generate_series(1, 20) n;
"""
PARTITIONED = """
CREATE TABLE t (id int, a int, at date, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2026-02-01') TO ('2026-04-01') PARTITION BY HASH (at);
CREATE TABLE t_2a PARTITION OF t_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t_2b PARTITION OF t_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO t SELECT n, n, date '2026-01-01' + n * 3, 'row ' || n FROM generate_series(1, 20) n;
"""
NO_KEY = """
CREATE TABLE t (a int, note text);
INSERT INTO t SELECT n / 2, 'row ' || n FROM generate_series(1, 20) n;
"""
PARENTS = """
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(1, 10);
CREATE TABLE t (id int PRIMARY KEY, parent_id int, note text);
INSERT INTO t SELECT n, n, 'row ' || n FROM generate_series(1, {last}) n;
"""
NULLS = """
CREATE TABLE t (id int PRIMARY KEY, a int, note text);
INSERT INTO t SELECT n, CASE WHEN n % 3 > 0 THEN n END, 'row ' || n FROM generate_series(1, 20) n;
"""
SPELLINGS = """
CREATE TABLE t (id int PRIMARY KEY, account int NOT NULL, end_time text NOT NULL, value int);
INSERT INTO t SELECT n, n % 2, '2026-01-' || lpad((n / 2 + 1)::text, 2, '0')
    || CASE WHEN n % 2 = 0 THEN 'T07:00:00+0000' ELSE ' 09:00:00+02' END, n FROM generate_series(1, 18) n;
INSERT INTO t SELECT n + 100, n % 2, '2026-01-' || lpad((n / 2 + 1)::text, 2, '0') || ' 07:00:00Z', n
    FROM generate_series(1, 6) n;
"""
TEXTS = """
CREATE TABLE t (id int PRIMARY KEY, a text);
INSERT INTO t SELECT n, CASE WHEN n % 4 = 0 THEN 'none' ELSE n::text END FROM generate_series(1, 20) n;
"""
REFERENCED = """
CREATE TABLE t (id serial PRIMARY KEY, parent int REFERENCES t, note text);
INSERT INTO t (parent, note) SELECT NULLIF(n / 2, 0), 'row ' || n FROM generate_series(1, 20) n;
CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t ON DELETE CASCADE DEFERRABLE, note text);
INSERT INTO child SELECT n, n, 'child ' || n FROM generate_series(1, 20) n;
COMMENT ON CONSTRAINT child_t_id_fkey ON child IS 'whose child it is';
CREATE TABLE loose (t_id int);
INSERT INTO loose VALUES (99);
ALTER TABLE loose ADD FOREIGN KEY (t_id) REFERENCES t NOT VALID;
CREATE POLICY whole ON t USING (id > 0);
CREATE POLICY related ON child USING (EXISTS (SELECT FROM t WHERE t.id = child.t_id));
CREATE VIEW outline WITH (security_barrier = true) AS SELECT id, parent FROM t;
CREATE VIEW counts AS SELECT parent, count(id) FROM outline GROUP BY parent;
"""

_QUARANTINE = {"duplicates": "quarantine", "keep": "at DESC, id"}

_OPERATIONS = (
    ("add_check_online", "validated", PLAIN, ("t", "t_a_positive", "a > 0"), {}, {}),
    (
        "add_check_online", "quoted names, another schema", QUOTED,
        ("Order % Items", 'a:b "% 5"', '"a:b" % 5 >= 0'), {"schema": "My App"}, {},
    ),
    ("add_check_online", "violations taken out", PLAIN, ("t", "c", "a > 4"), {"violations": "quarantine"}, {}),
    (
        "drop_check_online", "check", PLAIN + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", ("t", "c"),
        {"condition": "a > 0"}, {},
    ),
    (
        "drop_check_online", "restoring violations", PLAIN, ("t", "c"), {"restore": "small"},
        {"earlier": (("add_check_online", "t", "c", "a > 4", {"violations": "quarantine", "rule": "small"}),)},
    ),
    ("add_index_online", "index", PLAIN, ("t", ("a", "b")), {}, {}),
    ("add_index_online", "partial, expression", PLAIN, ("t", ("(lower(note))",), "i"), {"where": "a > 3"}, {}),
    ("add_index_online", "partitioned", PARTITIONED, ("t", ("a",)), {}, {}),
    ("drop_index_online", "index", PLAIN + "CREATE INDEX i ON t (a)", ("t", "i"), {}, {}),
    ("drop_index_online", "partitioned", PARTITIONED + "CREATE INDEX i ON t (a)", ("t", "i"), {}, {}),
    ("add_unique_online", "index", PLAIN, ("t", ("a",)), {}, {}),
    ("add_unique_online", "constraint", PLAIN, ("t", ("a", "b")), {"constraint": True}, {}),
    ("add_unique_online", "partitioned", PARTITIONED, ("t", ("a", "at")), {}, {}),
    ("add_unique_online", "partitioned, constraint", PARTITIONED, ("t", ("a", "at")), {"constraint": True}, {}),
    (
        "add_unique_online", "duplicates, children", TWICE, ("t", ("a",)), _QUARANTINE,
        {"accounted": ("t", "child")},
    ),
    (
        "add_unique_online", "duplicates, merged", TWICE, ("t", ("a",)),
        {**_QUARANTINE, "constraint": True, "merge": {"note": "last non-null", "seen": "sum"}},
        {"accounted": ("t", "child")},
    ),
    (
        "add_unique_online", "duplicates, NULLS NOT DISTINCT", TWICE, ("t", ("a",)),
        {**_QUARANTINE, "nulls_not_distinct": True}, {"accounted": ("t", "child"), "since": 15},
    ),
    (
        "add_unique_online", "duplicates, partial", TWICE, ("t", ("a",)), {**_QUARANTINE, "where": "b > 0"},
        {"accounted": ("t", "child")},
    ),
    (
        "add_unique_online", "duplicates, expression", TWICE, ("t", ("(a % 5)", "b"), "i"), _QUARANTINE,
        {"accounted": ("t", "child")},
    ),
    (
        "add_unique_online", "duplicates, no primary key", NO_KEY, ("t", ("a",)),
        {"duplicates": "quarantine", "keep": "note"}, {},
    ),
    (
        "add_unique_online", "duplicates, quoted names", QUOTED, ("Order % Items", ("a:b",)),
        {"schema": "My App", "duplicates": "quarantine", "keep": '"at" DESC'}, {},
    ),
    (
        "add_unique_online", "duplicates, partitioned", PARTITIONED + "INSERT INTO t SELECT id + 100, a, at FROM t",
        ("t", ("a", "at")), {"duplicates": "quarantine", "keep": "id"}, {},
    ),
    ("drop_unique_online", "index", PLAIN + "CREATE UNIQUE INDEX i ON t (a)", ("t", "i"), {"columns": ("a",)}, {}),
    (
        "drop_unique_online", "constraint", PLAIN + "ALTER TABLE t ADD CONSTRAINT i UNIQUE (a)", ("t", "i"),
        {"columns": ("a",), "constraint": True}, {},
    ),
    (
        "drop_unique_online", "restoring duplicates", TWICE, ("t", "t_a_idx"), {"columns": ("a",), "restore": "once"},
        {
            "earlier": (("add_unique_online", "t", ("a",), {**_QUARANTINE, "rule": "once"}),),
            "accounted": ("t", "child"),
            "rewritten": ("t_id",),  # children point to their former rows again
        },
    ),
    (
        "replace_unique_online", "columns reordered", PLAIN + "CREATE UNIQUE INDEX i ON t (a, b)",
        ("t", "i", "j", ("b", "a")), {}, {},
    ),
    (
        "replace_unique_online", "partial by full, duplicates", TWICE + "CREATE UNIQUE INDEX i ON t (a) WHERE b > 5",
        ("t", "i", "j", ("a",)), _QUARANTINE, {"accounted": ("t", "child")},
    ),
    (
        "replace_unique_online", "full by partial", PLAIN + "CREATE UNIQUE INDEX i ON t (a)",
        ("t", "i", "j", ("a",)), {"where": "a IS NOT NULL"}, {},
    ),
    (
        "replace_unique_online", "index by constraint of its name", PLAIN + "CREATE UNIQUE INDEX i ON t (a)",
        ("t", "i", "i", ("a",)), {"constraint": True, "old_constraint": False}, {},
    ),
    (
        "replace_unique_online", "constraint by index", PLAIN + "ALTER TABLE t ADD CONSTRAINT i UNIQUE (a)",
        ("t", "i", "j", ("a",)), {"old_constraint": True}, {},
    ),
    (
        "replace_unique_online", "partitioned", PARTITIONED + "CREATE UNIQUE INDEX i ON t (a, at)",
        ("t", "i", "j", ("at", "a")), {}, {},
    ),
    (
        "replace_unique_online", "constraint by constraint", PLAIN + "ALTER TABLE t ADD CONSTRAINT i UNIQUE (a)",
        ("t", "i", "j", ("a", "b")), {"constraint": True}, {},
    ),
    ("quarantine_online", "rows", PLAIN, ("t", "a % 3 = 0", "thirds"), {"rule": "thirds"}, {}),
    ("quarantine_online", "no primary key", NO_KEY, ("t", "a % 3 = 0", "thirds"), {}, {}),
    (
        "restore_online", "rows", PLAIN, ("t", "thirds"), {},
        {"earlier": (("quarantine_online", "t", "a % 3 = 0", "thirds", {"rule": "thirds"}),)},
    ),
    ("set_not_null_online", "no NULLs", PLAIN, ("t", "a"), {}, {}),
    (
        "set_not_null_online", "NULLs filled", NULLS, ("t", "a"), {"nulls": "backfill", "value": "-id"},
        {"rewritten": ("a",)},
    ),
    ("set_not_null_online", "NULLs taken out", NULLS, ("t", "a"), {"nulls": "quarantine"}, {}),
    ("set_not_null_online", "partitioned", PARTITIONED, ("t", "a"), {}, {}),
    ("drop_not_null_online", "column", PLAIN + "ALTER TABLE t ALTER a SET NOT NULL", ("t", "a"), {}, {}),
    (
        "drop_not_null_online", "restoring NULLs", NULLS, ("t", "a"), {"restore": "nulls"},
        {"earlier": (("set_not_null_online", "t", "a", {"nulls": "quarantine", "rule": "nulls"}),)},
    ),
    (
        "add_foreign_key_online", "no orphans", PARENTS.format(last=10),
        ("t", ("parent_id",), "parent", ("id",)), {"on_delete": "CASCADE"}, {},
    ),
    (
        "add_foreign_key_online", "orphans taken out", PARENTS.format(last=20),
        ("t", ("parent_id",), "parent", ("id",)), {"orphans": "quarantine"}, {"accounted": ("t", "parent")},
    ),
    (
        "add_foreign_key_online", "from a partitioned table", PARTITIONED + "CREATE TABLE p (id int PRIMARY KEY);"
        "INSERT INTO p SELECT generate_series(1, 20)", ("t", ("a",), "p", ("id",)), {}, {},
    ),
    (
        "drop_foreign_key_online", "foreign key", PARENTS.format(last=10)
        + "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (parent_id) REFERENCES parent", ("t", "f"), {}, {},
    ),
    (
        "drop_foreign_key_online", "restoring orphans", PARENTS.format(last=20), ("t", "f"), {"restore": "orphans"},
        {
            "earlier": (
                (
                    "add_foreign_key_online", "t", ("parent_id",), "parent", ("id",), "f",
                    {"orphans": "quarantine", "rule": "orphans"},
                ),
            ),
        },
    ),
    (
        "backfill_online", "along the primary key", NULLS, ("t", {"a": "0"}, "a IS NULL"), {}, {"rewritten": ("a",)},
    ),
    (
        "backfill_online", "no primary key", NO_KEY, ("t", {"note": "upper(note)"}, "note <> upper(note)"), {},
        {"rewritten": ("note",)},
    ),
    (
        "add_column_online", "volatile default, NOT NULL", PLAIN, ("t", "key", "uuid"),
        {"default": "gen_random_uuid()", "not_null": True}, {"volatile": ("key",)},
    ),
    ("drop_column_online", "column", PLAIN, ("t", "note"), {}, {"rewritten": ("note",)}),
    (
        "timestamptz_to_text_online", "old spellings and merged rows come back",
        SPELLINGS + "CREATE UNIQUE INDEX i ON t (account, end_time)", ("t", "end_time"), {"restore": "met"},
        {
            "earlier": (
                (
                    "text_to_timestamptz_online", "t", "end_time",
                    {"duplicates": "quarantine", "keep": "value DESC, id", "rule": "met"},
                ),
            ),
            "rewritten": ("end_time", "end_time_before"),
        },
    ),
    (
        "widen_to_bigint_online", "in a unique key", PLAIN + "CREATE UNIQUE INDEX i ON t (a)", ("t", "a"), {}, {},
    ),
    (
        "change_type_online", "text to an enum, unique and descending",
        "CREATE SCHEMA kinds; CREATE TYPE kinds.mood AS ENUM ('4', 'none');"
        + TEXTS + "CREATE UNIQUE INDEX i ON t (a DESC NULLS LAST, id)", ("t", "a", "kinds.mood"),
        {"unparsable": "quarantine"}, {"rewritten": ("a",)},
    ),
    ("widen_to_bigint_online", "primary key", PLAIN, ("t", "id"), {}, {}),
    (
        "widen_to_bigint_online", "referenced by foreign keys, named in policies and views", REFERENCED,
        ("t", "id"), {}, {"accounted": ("t", "child", "loose")},
    ),
    (
        "change_type_online", "text to integer", TEXTS, ("t", "a", "integer"),
        {"using": "a::integer", "unparsable": "quarantine"}, {"rewritten": ("a",)},
    ),
    (
        "text_to_timestamptz_online", "spellings that meet",
        SPELLINGS + "CREATE UNIQUE INDEX i ON t (account, end_time)", ("t", "end_time"),
        {"duplicates": "quarantine", "keep": "value DESC, id"}, {"rewritten": ("end_time",)},
    ),
)  # fmt: skip


def _scenario(
    directive: str, name: str, setup: str, arguments: tuple[Any, ...], named: dict[str, Any], more: dict[str, Any]
) -> Scenario:
    before = tuple(op(first, *rest[:-1], **rest[-1]) for first, *rest in more.get("earlier", ()))
    return Scenario(name, setup, op(directive, *arguments, **named), **{**more, "earlier": before})


SCENARIOS = tuple(_scenario(*each) for each in _OPERATIONS if each[0] in operations())


def titled(title: str) -> Scenario:
    """The scenario of that title."""
    return next(each for each in SCENARIOS if each.title == title)
