"""The files of one run, read and parsed when they are asked for."""

from __future__ import annotations

import contextlib
import json
import posixpath
from typing import TYPE_CHECKING, Any

from .declared import declared, named
from .elixir_uses import ElixirUses
from .files import decode, is_too_large
from .go_packages import GoPackages
from .imports import Imports
from .jvm_packages import JvmPackages
from .kept import Kept, Remembered, Seals
from .languages import Reach, language_of, parse
from .model import FailedFile, SourceFile
from .rust_crates import RustCrates
from .values import Constant, Import, Member, Record, Sequence, Text

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .files import Tree
    from .model import Module
    from .task import Learnt
    from .values import Call, Value

_FAMILIES = (("javascript", "typescript"), ("java", "kotlin", "scala"))  # which import each other
MOST_PARSED = 6_000_000  # characters whose syntax trees are in memory at a time, but for one larger file
KEPT_BYTES = 256_000_000  # of file contents, so that a search for callers does not read the tree again


class Project:
    """A tree's files: contents, modules, and which file an import means."""

    def __init__(
        self,
        tree: Tree,
        edited: Mapping[str, bytes] | None = None,
        kept: Kept | None = None,
        *,
        room: int | None = None,
    ) -> None:
        """`edited`: contents that stand for those of the files; `kept`: what earlier runs have read of them.

        `room`: bytes of contents that are remembered.
        """
        self.tree = tree
        self.kept = kept or Kept(None, ("", ""))
        self.edited = edited or {}
        self.failed: list[FailedFile] = []
        self.notes: list[FailedFile] = []
        self.seals = Seals()
        self._left_out: set[str] = set()
        self.known: dict[tuple[object, ...], Value] = {}  # what references mean, for all facts
        self.calls: dict[tuple[str | None, int], tuple[tuple[str, Call], ...]] = {}  # by the function that is called
        self.many: set[tuple[str | None, int]] = set()  # functions with more calls than are read
        # Calls by path and offset that may be of the function named, and their ends.
        self.unsure: dict[tuple[str, int], tuple[str, int]] = {}
        self._data: dict[str, bytes] = {}
        self._room = KEPT_BYTES if room is None else room
        self._trees: dict[str, int] = {}  # files whose syntax trees are in memory, and their characters
        self._elsewhere: frozenset[str] = frozenset()  # files that other processes have parsed
        self._modules: dict[str, Module | None] = {}
        self._files: dict[str, SourceFile | None] = {}
        self._holding: dict[bytes, tuple[SourceFile, ...]] = {}
        self._of_language: dict[str, tuple[str, ...]] = {}
        self._named: dict[tuple[str, str], tuple[SourceFile, ...]] = {}
        self._declared: dict[tuple[str, str, str], Value | None] = {}
        self._imports = Imports(frozenset(tree.paths), self._document)
        self._go = GoPackages(tree.paths, self.data)
        self._rust = RustCrates(tree.paths, self.data, self.module)
        self._jvm = JvmPackages(self)
        jvm = dict.fromkeys(("java", "kotlin", "scala"), self._jvm.imported)
        others = {"go": self._of_package, "rust": self._rust.imported, "ruby": self._nested, "php": self._whole}
        whole = ElixirUses(self).imported
        self._exporters: dict[str, Callable[[Import, str], Value | None]] = {**jvm, **others, "elixir": whole}
        self._modules_holding: dict[tuple[bytes, str], tuple[Module, ...]] = {}
        self._folders: dict[str, dict[str, list[str]]] = {}
        self._declaring: dict[str, dict[str, tuple[str, ...]]] = {}

    def begin(self) -> None:
        """Forget what references mean: what is cut short depends on what was known before it."""
        self.known.clear()
        self.calls.clear()
        self.many.clear()
        self.unsure.clear()

    @property
    def parsed(self) -> frozenset[str]:
        """The files that were parsed."""
        return self._elsewhere | {path for path, module in self._modules.items() if module is not None}

    def keep(self, path: str, data: bytes) -> None:
        """Remember a file's contents, as long as there is room."""
        if len(data) <= self._room:
            self._data[path] = data
            self._room -= len(data)

    def fail(self, path: str, reason: str, *, left_out: bool = False, unforeseen: bool = False) -> None:
        """Note that a file, or a part of it, could not be read; a file may have several notes."""
        note = FailedFile(path, reason, unforeseen)
        if note not in self.failed:
            self.failed.append(note)
        if left_out:
            self._left_out.add(path)

    def holding(self, needle: bytes) -> Iterator[str]:
        """The host files that hold these bytes."""
        languages = ((path, language_of(path)) for path in self.tree.paths)
        hosts = (path for path, language in languages if language is not None and language.grammar is not None)
        read = (path for path in hosts if path not in self._left_out)
        if self.edited:
            return (path for path in read if needle in self.data(path))
        return self.kept.holding(needle, read, lambda path: needle in self.data(path))

    def seeming(self, question: str, paths: Iterable[str], seems: Callable[[str], bool]) -> Iterator[str]:
        """Those of the paths of which that seems to be so by their bytes; the question tells it from others."""
        if self.edited:
            return filter(seems, paths)
        return self.kept.holding(f"\0{question}".encode("utf-8", "surrogatepass"), paths, seems)

    def declaring(self, language: str, word: re.Pattern[bytes]) -> Mapping[str, tuple[str, ...]]:
        """The files of a language by what the pattern finds that they declare, the last part of each name."""
        if language not in self._declaring:
            found: dict[str, dict[str, None]] = {}
            for path in self.of_language(language):
                for match in word.finditer(self.data(path)):
                    own = match[1].decode("utf-8", "replace").rpartition(".")[2]
                    found.setdefault(own, {})[path] = None
            self._declaring[language] = {name: tuple(paths) for name, paths in found.items()}
        return self._declaring[language]

    def files_holding(self, needle: bytes) -> tuple[SourceFile, ...]:
        """The same as files, looked up once."""
        if needle not in self._holding:
            files = (self.file(path) for path in self.holding(needle))
            self._holding[needle] = tuple(file for file in files if file is not None)
        return self._holding[needle]

    def modules_holding(self, needle: bytes, importer: str) -> tuple[Module, ...]:
        """The modules of the files of the importer's language that hold these bytes, in the tree's order."""
        language = language_of(importer)
        key = needle, language.name if language is not None else ""
        if key not in self._modules_holding:
            paths = set(self.related(importer))
            found = (self.module(path) for path in self.holding(needle) if path in paths)
            self._modules_holding[key] = tuple(module for module in found if module is not None)
        return self._modules_holding[key]

    def related(self, path: str) -> list[str]:
        """The files that may import that one: those of its language, and of languages that it is used from."""
        language = language_of(path)
        name = language.name if language is not None else ""
        names = next((family for family in _FAMILIES if name in family), (name,))
        return [path for name in names for path in self.of_language(name)]

    def of_language(self, name: str) -> tuple[str, ...]:
        """The paths of all files of a language that are read, in the tree's order."""
        if name not in self._of_language:
            known = (path for path in self.tree.paths if path not in self._left_out)
            paths = (path for path in known if (found := language_of(path)) is not None and found.name == name)
            self._of_language[name] = tuple(paths)
        return self._of_language[name]

    def of_folder(self, name: str, folder: str) -> tuple[str, ...]:
        """The paths of the files of a language that stand in that directory itself, in order."""
        if name not in self._folders:
            self._folders[name] = {}
            for path in self.of_language(name):
                self._folders[name].setdefault(posixpath.dirname(path), []).append(path)
        return tuple(self._folders[name].get(folder, ()))

    @property
    def left_out(self) -> dict[str, str]:
        """Why files of a language were not read, by path."""
        return {note.path: note.reason for note in self.failed if note.path in self._left_out}

    def raw(self, path: str) -> bytes | None:
        """A file's bytes, whatever its size and language; None when it cannot be read."""
        try:
            return (self.tree.root / path).read_bytes()
        except OSError:
            return None

    def data(self, path: str) -> bytes:
        """A file's bytes; none when it cannot be read."""
        return self._bytes(path) or b""

    def named(self, pattern: str, importer: str) -> tuple[SourceFile, ...]:
        """The files, read or not by a host, whose base name matches the pattern, nearest to the importer first."""
        key = pattern, posixpath.dirname(importer)
        if key not in self._named:
            files = (self.file(path) for path in named(self.tree.paths, pattern, importer))
            self._named[key] = tuple(file for file in files if file is not None)
        return self._named[key]

    def declared(self, name: str, importer: str) -> Value | None:
        """What another file declares by that name, in languages that need no import."""
        language = language_of(importer)
        if language is None or language.reach is Reach.FILE or ("." in name and language.reach is Reach.TREE):
            return None
        if language.reach is Reach.MODULE and not name[:1].isupper():
            return None
        if language.reach is Reach.PACKAGE:
            return self._jvm.declared(name, importer)
        key = name, posixpath.dirname(importer), language.name
        if key not in self._declared:
            self._declared[key] = declared(self, name, importer)
        return self._declared[key]

    def file(self, path: str) -> SourceFile | None:
        """A file's text, None when it cannot be read."""
        if path not in self._files:
            data = self._bytes(path)
            self._files[path] = None if data is None else self._decoded(path, data)
        return self._files[path]

    def _decoded(self, path: str, data: bytes) -> SourceFile:
        language = language_of(path)
        text, note = decode(data)
        if note is not None and (told := FailedFile(path, note)) not in self.notes:  # another process may have told it
            self.notes.append(told)
        return SourceFile(path, language.name if language is not None else "", text)

    def _bytes(self, path: str) -> bytes | None:
        known = self.edited.get(path, self._data.get(path))
        if known is not None:
            return known
        try:
            place = self.tree.root / path
            data = None if is_too_large(path, place.stat().st_size) else place.read_bytes()
            self._seal(path, data)
            if data is not None:
                self.keep(path, data)
        except FileNotFoundError as error:  # git lists what was deleted and not committed
            self._seal(path, None, error.strerror or str(error))
            self._left_out.add(path)
            return None
        except OSError as error:  # it could be read a moment ago
            self._seal(path, None, error.strerror or str(error))
            why = f"could not read: {(error.strerror or str(error)).lower()}"
            self.fail(path, why, left_out=True, unforeseen=True)
            return None
        return data

    def _seal(self, path: str, data: bytes | None, reason: str = "") -> None:
        if language_of(path) is None:  # else an entry of its own is kept
            self.seals.note(path, data, reason)

    def module(self, path: str) -> Module | None:
        """A file's module, None for a file that cannot be read or has no host."""
        if path not in self._modules:
            self._modules[path] = self._module(path)
        return self._modules[path]

    def _module(self, path: str) -> Module | None:
        language, entry = language_of(path), self.kept.entries.get(path)
        if language is None or language.grammar is None:
            file = self.file(path)
            return None if file is None else parse(file)
        known = entry is not None and path not in self.edited and (entry.facts or entry.answers)
        if not known and self.file(path) is None:
            return None
        answers = entry.answered() if entry is not None and known else {}
        return Remembered(answers, lambda: self.file(path) or SourceFile(path, language.name, ""), self._parse)

    def _parse(self, file: SourceFile) -> Module:
        """The file's own module; when there are too many trees, those that were parsed first are let go."""
        module = parse(file)
        if module is None:
            raise ValueError(f"{file.path} is of no language")
        self._trees.pop(file.path, None)
        self._trees[file.path] = len(file.text)
        while sum(self._trees.values()) > MOST_PARSED and len(self._trees) > 1:
            path = next(iter(self._trees))
            del self._trees[path]
            if isinstance(first := self._modules.get(path), Remembered):
                first.let_go()
        return module

    def is_noted(self, path: str) -> bool:
        """Whether there is a note about the file, which each run must tell."""
        return any(note.path == path for note in self.notes)

    def learn(self, learnt: Learnt) -> None:
        """Take over what another process has learnt of the same tree."""
        for note in learnt.failed:
            self.fail(note.path, note.reason, left_out=note.path in learnt.left_out, unforeseen=note.unforeseen)
        self.notes += [note for note in learnt.notes if note not in self.notes]
        self._elsewhere |= learnt.parsed
        self.seals.add(learnt.sealed)
        self.kept.sought.update(learnt.sought)
        for path, (facts, answers) in learnt.kept.items():
            if (entry := self.kept.entries.get(path)) is not None:
                entry.learn(facts, answers)

    def remember(self) -> None:
        """Keep what modules have answered."""
        for path, module in self._modules.items():
            entry = self.kept.entries.get(path)
            mine = entry is not None and path not in self.edited and not self.is_noted(path)
            if entry is None or not mine or not isinstance(module, Remembered):
                continue
            with contextlib.suppress(TypeError, RecursionError):  # of an answer that cannot be written
                if (answers := module.answers()) is not None:
                    entry.answers, entry.dirty = json.dumps(answers), True

    def exported(self, value: Import, importer: str) -> Value | None:
        """What an import gives; None for a library, or for a whole module."""
        importing = value.path or importer
        language = language_of(importing)
        return self._exporters.get(language.name if language is not None else "", self._of_file)(value, importing)

    def _of_package(self, value: Import, importer: str) -> Value | None:
        """What a package of Go exports."""
        del importer
        folder = self._go.folder_of(value.module)
        return self.declared(value.name, posixpath.join(folder, "*.go")) if folder is not None and value.name else None

    def _whole(self, value: Import, importer: str) -> Value | None:
        """A module or class by its whole name."""
        return self.declared(value.module, importer) if value.name is None else None

    def _of_file(self, value: Import, importer: str) -> Value | None:
        path = self._imports.file_of(value.module, importer)
        if value.name is None:
            return None
        module = self.module(path) if path is not None else None
        found = module.exported(value.name) if module is not None else None
        if found is not None:
            return found
        inner = f"{value.module}{'' if value.module.endswith('.') else '.'}{value.name}"
        if importer.endswith(".py") and self._imports.file_of(inner, importer) is not None:
            return Import(inner, None, importer)
        return self.declared(value.name, importer)

    def _nested(self, value: Import, importer: str) -> Value | None:
        """A constant of Ruby that is meant inside of a module: one of that module, of those around it, or of none."""
        around = value.module.split("::")
        owners = ["::".join((*around[:size], value.name or "")) for size in range(len(around), -1, -1)]
        found = (self.declared(name, importer) for name in owners)
        return next((one for one in found if one is not None), None)

    def is_of_library(self, value: Value, importer: str) -> bool:
        """Whether a name of a package is not of the project, where the language tells the two apart."""
        owner = value.object if isinstance(value, Member) else value
        known = isinstance(owner, Import) and (owner.path or importer).endswith(".go")
        return known and isinstance(owner, Import) and self._go.folder_of(owner.module) is None

    def _document(self, path: str) -> Value | None:
        """A JSON file; one with comments or trailing commas is read as an object of JavaScript."""
        data = self._bytes(path)
        if data is None:
            return None
        try:
            return _of_json(json.loads(data))
        except (ValueError, RecursionError):
            pass
        from .hosts.javascript import TypeScriptModule  # noqa: PLC0415 - most runs never need it

        text = f"export default (\n{decode(data)[0]}\n)"
        return TypeScriptModule(SourceFile(path, "json", text)).exported("default")


def _of_json(value: Any) -> Value:
    match value:
        case dict():
            return Record(tuple((key, _of_json(entry)) for key, entry in value.items()))
        case list():
            return Sequence(tuple(_of_json(item) for item in value))
        case str():
            return Text(value)
        case _:
            return Constant(value)
