"""File suffixes, the languages of the report, and the grammars that parse them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .hosts.mapper import MapperModule
from .hosts.sql import SqlModule

if TYPE_CHECKING:
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
    """`name` as in the report; `grammar` as ast-grep calls it (an unknown one would panic), None: not parsed."""

    name: str
    grammar: str | None
    reach: Reach = Reach.FILE


_TYPESCRIPT = Language("typescript", "typescript")
_TSX = Language("typescript", "tsx")
_JAVASCRIPT = Language("javascript", "tsx")  # which reads JavaScript and JSX alike, into one set of node kinds
_PYTHON = Language("python", "python")
_GO = Language("go", "go", Reach.DIRECTORY)
_SCALA = Language("scala", "scala", Reach.PACKAGE)
_KOTLIN = Language("kotlin", "kotlin", Reach.PACKAGE)
_JAVA = Language("java", "java", Reach.PACKAGE)
_ELIXIR = Language("elixir", "elixir", Reach.MODULE)
_RUBY = Language("ruby", "ruby", Reach.MODULE)
_PHP = Language("php", "php", Reach.MODULE)
_CSHARP = Language("csharp", "csharp", Reach.TREE)
_RUST = Language("rust", "rust")
_DART = Language("dart", "dart", Reach.TREE)
_SWIFT = Language("swift", "swift", Reach.TREE)
_SHELL = Language("shell", "bash")
_YAML = Language("yaml", "yaml")
_NOTEBOOK = Language("python", "json")
_SQL = Language("sql", None)
_XML = Language("xml", None)
_GRAPHQL = Language("graphql", None)

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
    if language.grammar is None:
        return MapperModule(file) if language.name == "xml" else SqlModule(file)
    if language.grammar == "json":
        from .hosts.notebook import NotebookModule  # noqa: PLC0415 - most runs never need it

        return NotebookModule(file)
    if language.name == "yaml":
        from .hosts.yaml import YamlModule  # noqa: PLC0415 - most runs never need it

        return YamlModule(file)
    if language.name == "python":
        from .hosts.python import PythonModule  # noqa: PLC0415 - most runs never need it

        return PythonModule(file)
    if language.name == "go":
        from .hosts.go import GoModule  # noqa: PLC0415 - most runs never need it

        return GoModule(file)
    if language.name == "java":
        from .hosts.java import JavaModule  # noqa: PLC0415 - most runs never need it

        return JavaModule(file)
    if language.name == "kotlin":
        from .hosts.kotlin import KotlinModule  # noqa: PLC0415 - most runs never need it

        return KotlinModule(file)
    if language.name == "scala":
        from .hosts.scala import ScalaModule  # noqa: PLC0415 - most runs never need it

        return ScalaModule(file)
    if language.name == "php":
        from .hosts.php import PhpModule  # noqa: PLC0415 - most runs never need it

        return PhpModule(file)
    if language.name == "elixir":
        from .hosts.elixir import ElixirModule  # noqa: PLC0415 - most runs never need it

        return ElixirModule(file)
    if language.name == "csharp":
        from .hosts.csharp import CSharpModule  # noqa: PLC0415 - most runs never need it

        return CSharpModule(file)
    if language.name == "shell":
        from .hosts.shell import ShellModule  # noqa: PLC0415 - most runs never need it

        return ShellModule(file)
    if language.name == "rust":
        from .hosts.rust import RustModule  # noqa: PLC0415 - most runs never need it

        return RustModule(file)
    if language.name == "ruby":
        from .hosts.ruby import RubyModule  # noqa: PLC0415 - most runs never need it

        return RubyModule(file)
    if language.name == "dart":
        from .hosts.dart import DartModule  # noqa: PLC0415 - most runs never need it

        return DartModule(file)
    if language.name == "swift":
        from .hosts.swift import SwiftModule  # noqa: PLC0415 - most runs never need it

        return SwiftModule(file)
    from .hosts.javascript import JavaScriptModule, TypeScriptModule  # noqa: PLC0415 - most runs never need it

    module = JavaScriptModule if language.grammar == "tsx" else TypeScriptModule
    return module(file, _scripts_only(file.text) if file.path.endswith(_EMBEDDING) else None)


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
