"""File suffixes, the languages of the report, and the grammars that parse them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Module, SourceFile


class Reach(Enum):
    """Which files see a name that is declared at the top of one, without importing it."""

    FILE = "file"
    DIRECTORY = "directory"
    TREE = "tree"
    PACKAGE = "package"  # those of one package, wherever they are
    MODULE = "module"  # all, of modules by their whole names


@dataclass(frozen=True, slots=True)
class Language:
    """`name` as in the report; `grammar` as ast-grep calls it (an unknown one would panic), None: not parsed.

    `host`: the module of `hosts` that reads it, and the class in it. The rest is how its calls and classes work.
    """

    name: str
    grammar: str | None
    host: str
    reach: Reach = Reach.FILE
    overloads: bool = False  # of functions of one name only one takes so many arguments
    bare_calls: bool = False  # a call needs no brackets
    undefined: bool = False  # a parameter that a call does not give is undefined
    fields_given: bool = False  # keywords of a call of a type are its fields
    functions_apart: bool = False  # functions are no entries of the module or class that they stand in
    methods_apart: bool = False  # methods stand beside their types


_TYPESCRIPT = Language("typescript", "typescript", "javascript.TypeScriptModule", undefined=True)
# The grammar of TSX reads JavaScript and JSX too, into one set of node kinds.
_TSX = Language("typescript", "tsx", "javascript.JavaScriptModule", undefined=True)
_JAVASCRIPT = Language("javascript", "tsx", "javascript.JavaScriptModule", undefined=True)
_PYTHON = Language("python", "python", "python.PythonModule")
_GO = Language("go", "go", "go.GoModule", Reach.DIRECTORY, fields_given=True, methods_apart=True)
_SCALA = Language(
    "scala", "scala", "scala.ScalaModule", Reach.PACKAGE, overloads=True, bare_calls=True, fields_given=True
)
_KOTLIN = Language(
    "kotlin", "kotlin", "kotlin.KotlinModule", Reach.PACKAGE, overloads=True, bare_calls=True, fields_given=True
)
_JAVA = Language("java", "java", "java.JavaModule", Reach.PACKAGE, overloads=True, fields_given=True)
_ELIXIR = Language("elixir", "elixir", "elixir.ElixirModule", Reach.MODULE, bare_calls=True, functions_apart=True)
_RUBY = Language("ruby", "ruby", "ruby.RubyModule", Reach.MODULE, bare_calls=True)
_PHP = Language("php", "php", "php.PhpModule", Reach.MODULE, functions_apart=True)
_CSHARP = Language("csharp", "csharp", "csharp.CSharpModule", Reach.TREE, overloads=True, fields_given=True)
_RUST = Language("rust", "rust", "rust.RustModule", overloads=True)
_DART = Language("dart", "dart", "dart.DartModule", Reach.TREE)
_SWIFT = Language("swift", "swift", "swift.SwiftModule", Reach.TREE, bare_calls=True)
_SHELL = Language("shell", "bash", "shell.ShellModule", bare_calls=True)
_YAML = Language("yaml", "yaml", "yaml.YamlModule")
_NOTEBOOK = Language("python", "json", "notebook.NotebookModule")
_SQL = Language("sql", None, "sql.SqlModule")
_XML = Language("xml", None, "mapper.MapperModule")
_GRAPHQL = Language("graphql", None, "sql.SqlModule")

LANGUAGES = {
    ".ts": _TYPESCRIPT,
    ".mts": _TYPESCRIPT,
    ".cts": _TYPESCRIPT,
    ".tsx": _TSX,
    ".js": _JAVASCRIPT,
    ".jsx": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".cjs": _JAVASCRIPT,
    ".vue": _TYPESCRIPT,
    ".svelte": _TYPESCRIPT,
    ".py": _PYTHON,
    ".pyi": _PYTHON,
    ".go": _GO,
    ".java": _JAVA,
    ".kt": _KOTLIN,
    ".scala": _SCALA,
    ".sc": _SCALA,
    ".kts": _KOTLIN,
    ".php": _PHP,
    ".ex": _ELIXIR,
    ".exs": _ELIXIR,
    ".cs": _CSHARP,
    ".rs": _RUST,
    ".rb": _RUBY,
    ".rake": _RUBY,
    ".dart": _DART,
    ".swift": _SWIFT,
    ".sh": _SHELL,
    ".bash": _SHELL,
    ".zsh": _SHELL,
    ".yml": _YAML,
    ".yaml": _YAML,
    ".ipynb": _NOTEBOOK,
    ".sql": _SQL,
    ".psql": _SQL,
    ".pgsql": _SQL,
    ".xml": _XML,
    ".graphql": _GRAPHQL,
    ".gql": _GRAPHQL,
}
_EMBEDDING = (".vue", ".svelte")


def language_of(path: str) -> Language | None:
    """The language of a file by its suffix, None for a file that is never read."""
    dot = path.rfind(".")
    return LANGUAGES.get(path[dot:].lower()) if dot >= 0 else None


def parse(file: SourceFile) -> Module | None:
    """The module of a host file, None for a file of no known language."""
    language = language_of(file.path)
    if language is None:
        return None
    make = _host(language.host)
    if file.path.endswith(_EMBEDDING):
        return make(file, _scripts_only(file.text))
    return make(file)


@cache
def _host(place: str) -> Callable[..., Module]:
    """The class that reads a language; most runs need few of them, so they are imported when they are."""
    module, _, name = place.partition(".")
    found: Callable[..., Module] = getattr(import_module(f".hosts.{module}", __package__), name)
    return found


def _scripts_only(text: str) -> str:
    """The `<script>` blocks of a component, every other character but line ends a blank, so that places stay."""
    out: list[str] = []
    at, low = 0, text.lower()
    while (opening := low.find("<script", at)) >= 0 and (begin := low.find(">", opening)) >= 0:
        end = low.find("</script", begin)
        end = len(text) if end < 0 else end
        out += [_blank(text[at : begin + 1]), text[begin + 1 : end]]
        at = end
    return "".join([*out, _blank(text[at:])])


def _blank(text: str) -> str:
    return "".join(char if char in "\r\n" else " " for char in text)
