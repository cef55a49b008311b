"""Strings that are only told to people: printed, logged, raised as an error, shown on a page, checked by a test.

What a string is given to decides, which is the innermost call that holds it. What writes to any stream (`f.write`,
`fmt.Fprintf`, `print(.., file=f)`) or gives back what it is given (`dbg!`, `IO.inspect`, Ruby's `p`) is none of these:
the text can still come to a database.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .grammar import kinds
from .nodes import extent_of, pairs, start
from .parts import MOST_USES

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from .strings import Strings

COMPARED = "a string that is compared, not executed"
PRINTED = "a string that is printed or logged, not executed"
RAISED = "the message of an error, not executed"
SHOWN = "a text that a page shows, not executed"

# Functions and macros without an owner, by the name of the grammar.
_FUNCTIONS = {
    "python": kinds("print pprint"),
    "javascript": kinds("alert"),
    "ruby": kinds("puts print printf warn abort"),
    "php": kinds("printf error_log trigger_error die exit"),
    "go": kinds("print println panic"),
    "rust": kinds("print println eprint eprintln panic trace debug info warn error unreachable unimplemented todo"),
    "kotlin": kinds("print println error"),
    "scala": kinds("print println printf"),
    "swift": kinds("print debugPrint NSLog os_log fatalError preconditionFailure"),
    "dart": kinds("print debugPrint log"),
}
_RAISES = {"ruby": kinds("raise fail"), "elixir": kinds("raise"), "rust": kinds("anyhow bail")}
# Methods of what their owner says is the console, or a stream that people read.
_OWNED = {
    "fmt": kinds("Print Println Printf"),
    "System.out": kinds("print println printf format"),
    "System.err": kinds("print println printf format"),
    "Console": kinds("Write WriteLine"),
    "Console.Out": kinds("Write WriteLine WriteAsync WriteLineAsync"),
    "Console.Error": kinds("Write WriteLine WriteAsync WriteLineAsync"),
    "Debug": kinds("Write WriteLine Print Log LogError LogWarning"),
    "Trace": kinds("Write WriteLine TraceInformation TraceWarning TraceError"),
    "IO": kinds("puts warn"),
    "sys.stdout": kinds("write"),
    "sys.stderr": kinds("write"),
    "self.stdout": kinds("write"),
    "self.stderr": kinds("write"),
    "process.stdout": kinds("write"),
    "process.stderr": kinds("write"),
    "STDOUT": kinds("puts print printf write"),
    "STDERR": kinds("puts print printf write"),
    "$stdout": kinds("puts print printf write"),
    "$stderr": kinds("puts print printf write"),
    "Kernel": kinds("puts print printf warn"),
    "click": kinds("echo secho"),
    "typer": kinds("echo secho"),
    "warnings": kinds("warn"),
    "stdout": kinds("writeln"),
    "stderr": kinds("writeln"),
    "output": kinds("writeln"),
    "io": kinds("writeln"),
    "this": kinds("info line comment"),  # of a command of Laravel
}
_ERRORS = {"fmt": kinds("Errorf"), "errors": kinds("New Errorf Wrap Wrapf WithMessage WithMessagef")}
_OF_TESTS = kinds("Fatalf Errorf Logf Skipf Panicf")  # of Go: its testing and the loggers made like it
# What a chain that checks something starts from: `expect(run).to.have.been.calledWith(..)`, `verify(db).update(..)`.
_CHECKS = kinds("expect assert assert_that assertThat verify verifyNever verifyZeroInteractions Assert")
_LOGGER = re.compile(
    r"(?:(?:^|_)(?i:log(?:s|ger|ging)?)|[a-z0-9]Log(?:ger|ging)?"
    r"|^(?:console|winston|pino|slog|zlog|zap|logrus|glog|klog|zerolog|tracing|Timber|Logcat|NLog|Serilog))$"
)
_SAYS = re.compile(
    r"(?i)^(?:log|at)?(?:log|trace|debug|info|information|notice|warn|warning|err|error|fatal|critical|alert|emerg"
    r"|emergency|panic|verbose|silly|exception|severe|fine|finer|finest|config|success|failure|wtf|[dewiv]|dir|table"
    r"|group|msg|message|print|write)?(?:f|w|s|ln|line|ctx|context|async)?$"
)
_FAULT = re.compile(r"^[A-Z]\w*(?:Error|Exception|Warning)$|^(?:Error|Exception|Warning)$")
_WORD = re.compile(r"[\w$]+")
_STREAM = re.compile(r"\bfile\s*=\s*(?!sys\.(?:stdout|stderr)\b)")
_PAGE = frozenset({"jsx_expression", "jsx_attribute"})
_CALLS = kinds(
    "new_expression object_creation_expression instance_creation_expression instance_expression macro_invocation "
    "implicit_object_creation_expression constructor_invocation"
)
_ECHOES = frozenset({"echo_statement", "print_intrinsic"})
_THROWS = ("throw", "raise")
_JUMPS = frozenset({"jump_expression", "control_transfer_statement"})


def told(strings: Strings, node: SgNode) -> str | None:
    """Why a string expression, or each use of the variable that holds it, is for people alone; None if it is not."""
    return _told(strings, node) or _told_by_name(strings, node)


def _told(strings: Strings, node: SgNode) -> str | None:
    grammar = strings.grammar
    for inner, holder in pairs(node):
        kind = holder.kind()
        if kind in _PAGE:
            return SHOWN
        if kind in _ECHOES:
            return PRINTED
        if kind.startswith(_THROWS) or (kind in _JUMPS and holder.text().startswith("throw")):
            return RAISED
        if strings.is_call(holder) or kind in _CALLS:
            given = start(inner) > start(holder)
            return _by_call(grammar.name, holder, inner) if given else None
        if kind in grammar.functions or kind in grammar.classes or kind.endswith(grammar.statements):
            return None
    return None


def _by_call(language: str, call: SgNode, inner: SgNode) -> str | None:
    """What the call of which `inner` holds the arguments does with them."""
    source = call.text()
    called = source[: start(inner) - start(call)].replace("?.", ".").replace("::", ".").replace("->", ".")
    words = [*_WORD.findall(_outside(called))]
    if not words:
        return None
    name, owner = words[-1], [word for word in words[:-1] if word not in {"new", "await", "throw", "return"}]
    language = "javascript" if language in {"typescript", "tsx"} else language
    if not owner:
        if name in _FUNCTIONS.get(language, ()):
            return PRINTED if language != "python" or _STREAM.search(source) is None else None
        return RAISED if name in _RAISES.get(language, ()) or _FAULT.match(name) else None
    if owner[0] in _CHECKS or (language == "go" and owner[0] == "require"):
        return COMPARED
    why = _by_owner(language, owner, name)
    return RAISED if why is None and any(_FAULT.match(word) for word in words) else why


def _by_owner(language: str, owner: list[str], name: str) -> str | None:
    path = ".".join(owner).removeprefix("global.")
    if name in _ERRORS.get(path, ()):
        return RAISED
    if name in _OWNED.get(path, ()) or name in _OWNED.get(owner[-1].lstrip("$"), ()):
        return PRINTED if path not in {"$this", "this"} or language == "php" else None
    if language == "go" and name in _OF_TESTS:
        return PRINTED
    if language == "rust" and name in _FUNCTIONS["rust"] and owner[-1] in {"log", "tracing"}:
        return PRINTED
    return PRINTED if any(map(_LOGGER.search, owner)) and _SAYS.match(name) else None


def _outside(called: str) -> str:
    """The words of a chain of calls without what its calls are given: `a.b(x).c(` is a, b and c."""
    kept, depth = [], 0
    for char in called.rstrip().rstrip("(").rstrip():
        depth += char in "([{<"
        kept.append(" " if depth else char)
        depth -= char in ")]}>"
        depth = max(depth, 0)
    return "".join(kept)


def _told_by_name(strings: Strings, node: SgNode) -> str | None:
    """Of a string that a variable of a function holds: why, when each use of that name in the file is for people."""
    name = strings.name_of(node)
    if name is None or strings.is_exported(name) or not _is_local(strings, name):
        return None
    uses = strings.tree.named(name.text())
    if len(uses) > MOST_USES:
        return None
    around = extent_of(node)
    others = [use for use in uses if use != name and not around[0] <= start(use) < around[1]]
    found = [_told(strings, strings.climb(use)[0]) for use in others]
    return found[0] if found and all(found) else None


def _is_local(strings: Strings, name: SgNode) -> bool:
    """Whether no other file can use the variable."""
    within = strings.grammar.name in {"javascript", "typescript", "tsx"}
    return within or any(one.kind() in strings.grammar.functions for one in name.ancestors())
