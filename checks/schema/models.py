"""SQLAlchemy models as a schema source: their MetaData compiled to DDL by the project's own interpreter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SchemaError
from ..quoting import quoted
from .isolation import interpreter, run, scrubbed
from .order import SourceFile
from .wire import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .source import Source

_CHILD = Path(__file__).with_name("models_child.py")
# Models name the types and functions of an extension, and leave it to others to make it.
_WHEN_NAMED = {
    "citext": ("citext",),
    "hstore": ("hstore",),
    "ltree": ("ltree", "lquery"),
    "pg_trgm": ("gin_trgm_ops", "gist_trgm_ops"),
    "pgcrypto": ("gen_random_bytes", "crypt("),
    "postgis": ("geometry(", "geography("),
    "uuid-ossp": ("uuid_generate_",),
    "vector": ("vector(", "halfvec(", "vector_"),
}


def compiled(source: Source, python: str | None) -> tuple[SourceFile, ...]:
    """The DDL that makes the tables of the models, as one file.

    Raises SchemaError when the interpreter, the module or the MetaData is missing, when the module fails, and when the
    module that is imported lies elsewhere than the source.
    """
    module, _, attribute = (source.revision or "").partition(":")
    task = {"module": module, "attribute": attribute}
    answer = run(_CHILD, task, interpreter(source.directory, python), source.directory, "the import of the models")
    if not answer["ok"]:
        raise _error(source, answer)
    return (SourceFile(source.name, "".join(f"{text};\n" for text in _script(answer))),)


def _script(answer: Mapping[str, Any]) -> Iterator[str]:
    statements: Sequence[str] = [text.strip().rstrip(";") for text in answer["statements"]]
    yield from (f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}" for name in answer["schemas"])
    text = "\n".join(statements).casefold()
    for name, words in _WHEN_NAMED.items():
        if any(word in text for word in words):
            yield f'CREATE EXTENSION IF NOT EXISTS "{name}"'
    yield from statements


def _error(source: Source, answer: Mapping[str, Any]) -> SchemaError:
    message = scrubbed(first_line(str(answer.get("message") or "")))
    where = answer.get("where")
    place = f" at {where[0]}:{where[1]}" if where else ""
    hint = {
        "import": "Install it, or name the project's own interpreter with --python.",
        "elsewhere": "The interpreter of the project finds another copy of it first: an installed one, for instance.",
        "missing": "Write models:package.module:Base.metadata, a module and the MetaData in it.",
    }.get(str(answer.get("kind")), "What the models would have made is unknown, so that nothing can be compared.")
    return SchemaError(f"{source.name} failed{place}: {message}", hint)
