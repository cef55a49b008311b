"""YAML files as modules: scalars that hold SQL, and scripts that run it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from ...model import Met
from ..literals import decode, place_of
from ..values import Text
from .embedded import Embedded, put_together
from .nodes import extent_of
from .shell import ShellModule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ast_grep_py import SgNode

    from ..model import Function, Result, SourceFile
    from ..values import Call, Guard, Value

_SCALARS = ("block_scalar", "double_quote_scalar", "single_quote_scalar", "plain_scalar")
_PAIRS = frozenset({"block_mapping_pair", "flow_pair"})
# Keys whose texts are for people.
_PROSE = re.compile(r"(?i)^(description|title|summary|comments?|message|help|label|name|doc\w*|note|about|text|x-.*)$")
_SCRIPTS = re.compile(
    r"(?i)^(run|script|before_?script|after_?script|commands?|cmd|args|entrypoint|shell|sh|bash|exec)$"
)
_STATEMENT = re.compile(
    r"(?is)\s*(--|/\*|\\|(insert|with|merge|begin|start|create|update|delete|select|do|set|alter|truncate|copy|drop"
    r"|grant|revoke|comment|lock|call)\b)"
)
_RUNS = re.compile(r"\b(psql|curl|sqlite3|mysql|mariadb|docker|kubectl)\b|^#!.*\b(ba|z|k)?sh\b", re.MULTILINE)
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)  # of GitHub's workflows, put in before the script runs


class YamlModule:
    """One parsed file."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file

    @cached_property
    def _scalars(self) -> list[SgNode]:
        root = SgRoot(self.file.text, "yaml").root()
        return root.find_all(any=[{"kind": kind} for kind in _SCALARS])

    @cached_property
    def scripts(self) -> list[Embedded]:
        """The scripts for a shell."""
        found = [self._read(node) for node in self._scalars if self._is_script(node)]
        return [Embedded(self.file, "shell", _plain(text), ShellModule) for text in found if text.runs]

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """The commands of all scripts."""
        if any(name in self.file.text for name in names):
            for script in self.scripts:
                yield from script.calls(names)

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """The scalars that are SQL, and the strings of scripts, in source order."""
        matches = re.compile(pattern).search
        named = [node for node in self._scalars if matches(node.text())]
        found: list[Value] = [self._read(node) for node in named if not self._is_script(node) and self._is_code(node)]
        for script in self.scripts:
            if matches(self.file.text[slice(*script.extent)]):
                found += script.strings(pattern)
        yield from sorted(found, key=lambda value: place_of(value) or 0)

    def _key(self, node: SgNode) -> str:
        """The key of the pair that holds a scalar; "" for a key itself."""
        inner = node
        for holder in node.ancestors():
            if holder.kind() in _PAIRS:
                key = holder.field("key")
                return "" if key is None or key == inner else key.text().strip("\"'")
            inner = holder
        return ""

    def _is_code(self, node: SgNode) -> bool:
        key = self._key(node)
        return bool(key) and (_PROSE.match(key) is None or _STATEMENT.match(self._read(node).text) is not None)

    def _is_script(self, node: SgNode) -> bool:
        """Whether a scalar is for a shell: by its key, or by what it runs."""
        if _STATEMENT.match(self._read(node).text) is not None:
            return False
        key = self._key(node)
        named = _SCRIPTS.match(key) is not None or key.endswith((".sh", ".bash"))
        return bool(key) and (named or (not key.endswith(".sql") and _RUNS.search(node.text()) is not None))

    def _read(self, node: SgNode) -> Text:
        """The text of a scalar; line ends that are folded to blanks stay what they are, but for those of a script."""
        begin, end = extent_of(node)
        path = self.file.path
        match node.kind():
            case "double_quote_scalar":
                return decode(self.file.text, begin + 1, end - 1, path)
            case "single_quote_scalar":
                return decode(self.file.text, begin + 1, end - 1, path, escapes=False, doubled="'")
            case "block_scalar":
                return self._block(begin, end)
            case _:
                return decode(self.file.text, begin, end, path, escapes=False)

    def _block(self, begin: int, end: int) -> Text:
        """The lines behind `|` or `>`, without their indentation."""
        text, path = self.file.text, self.file.path
        folded = text[begin] == ">"
        at = text.find("\n", begin, end) + 1
        if not at:
            return Text("", (), path)
        lines = text[at:end].splitlines(keepends=True)
        indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
        cut = min(indents, default=0)
        pieces: list[Text] = []
        for line in lines:
            kept = line[cut:] if line.strip() else line[-1:]
            body = kept.rstrip("\r\n")
            shift = len(line) - len(kept) if line.strip() else len(line) - 1
            pieces.append(
                Text(body + ((" " if folded else "\n") if len(body) < len(kept) else ""), ((0, at + shift),), path)
            )
            at += len(line)
        return put_together(pieces, path)

    def _script_at(self, offset: int) -> Embedded | None:
        return next((one for one in self.scripts if one.extent[0] <= offset <= one.extent[1]), None)

    def not_run(self, offset: int) -> str | None:
        """Why a script does not execute the string."""
        script = self._script_at(offset)
        return script.not_run(offset) if script is not None else None

    def is_part(self, offset: int) -> bool:
        """Whether the string is only a part of others of its script."""
        script = self._script_at(offset)
        return script is not None and script.is_part(offset)

    def is_prepared(self, offset: int) -> bool:
        """Whether an object of its script keeps what the string is prepared to."""
        script = self._script_at(offset)
        return script is not None and script.is_prepared(offset)

    def guards(self, offset: int) -> tuple[Guard, ...]:
        """What is the case wherever that place of a script is reached."""
        script = self._script_at(offset)
        return script.guards(offset) if script is not None else ()

    def answers_to(self, pattern: str, names: frozenset[str]) -> Iterator[tuple[int, int, int]]:
        """Those of the scripts."""
        for script in self.scripts:
            yield from script.answers_to(pattern, names)

    def met(self, lookup: int, insert: tuple[int, int], until: int, others: Sequence[int] = ()) -> Met:
        """What a script does about a row that another session makes."""
        script = self._script_at(insert[0])
        return script.met(lookup, insert, until, others) if script is not None else Met()

    def leads(self, lookup: int, insert: int, *, asked: bool, same: bool = False) -> bool:
        """Whether a statement of a script may be followed by an INSERT of its row."""
        script = self._script_at(insert)
        return script is None or script.leads(lookup, insert, asked=asked, same=same)

    def result_of(self, name: str, offset: int) -> Result | None:
        """What a script does with a call's result."""
        script = self._script_at(offset)
        return script.result_of(name, offset) if script is not None else None

    def lookup(self, name: str, offset: int) -> Value | None:
        """What a name means in the script there."""
        script = self._script_at(offset)
        return script.lookup(name, offset) if script is not None else None

    def exported(self, name: str) -> Value | None:
        """No exports."""
        del name
        return None

    def function_at(self, offset: int) -> Function | None:
        """The function of the script there."""
        script = self._script_at(offset)
        return script.function_at(offset) if script is not None else None

    def told(self, offset: int) -> str:
        """What stands there, for an account of what is no write."""
        holding = [node for node in self._scalars if extent_of(node)[0] <= offset < extent_of(node)[1]]
        if not holding:
            return "in a comment"
        node = holding[-1]
        if not self._key(node):
            return "in a key, or in no mapping"
        return "in a text that holds no statement that writes" if self._is_code(node) else "in a text for people"


def _plain(text: Text) -> Text:
    """A script with the expressions that are put in before it runs as variables of the same length."""
    return Text(_EXPRESSION.sub(lambda match: "$" + "X" * (len(match[0]) - 1), text.text), text.runs, text.path)
