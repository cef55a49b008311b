"""The border to the SQL parser: characters in, its tree with character offsets out, its errors as ours."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import postgast
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # its stubs are no dependency
from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .lexis import lex

if TYPE_CHECKING:
    from collections.abc import Callable

# Node messages are protobuf's, without types of their own that a checker could follow.
Node = Any

TOO_DEEP = "the statement nests too deeply for the parser"
_LONGEST_CHAIN = 10_000


class Parsed(NamedTuple):
    """The raw statements of a text, and how a byte offset of the parser becomes a character offset."""

    statements: tuple[Node, ...]
    character: Callable[[int], int]


def parse(text: str) -> Parsed:
    """Parse statements; raises SqlSyntaxError with the character at which the parser stopped."""
    text = presentable(text)
    if is_too_deep(text):
        raise SqlSyntaxError(TOO_DEEP)
    try:
        tree = postgast.parse(text)
    except postgast.PgQueryError as error:
        # Characters, and not bytes as postgast says (parser_errposition).
        raise SqlSyntaxError(error.message, max(error.cursorpos - 1, 0)) from None
    except DecodeError:
        raise SqlSyntaxError(TOO_DEEP) from None
    return Parsed(tuple(tree.stmts), characters(text))


def is_too_deep(text: str) -> bool:
    """Whether an expression is so long that the parser, which recurses without a limit, could exhaust the stack.

    An operand takes two characters at least, so a short text is never too deep; commas end an operand.
    """
    if len(text) < _LONGEST_CHAIN * 2:
        return False
    chains = [0]
    for token in lex(text, placeholders=False):
        match token.value:
            case "(":
                chains.append(0)
            case ")" if len(chains) > 1:
                chains.pop()
            case "," | ";":
                chains[-1] = 0
            case _:
                chains[-1] += 1
                if chains[-1] > _LONGEST_CHAIN:
                    return True
    return False


def presentable(text: str) -> str:
    """The text as the parser can take it, of the same length: no NUL, which would end it, and no lone surrogate."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def characters(text: str) -> Callable[[int], int]:
    """A function from a byte offset of the text in UTF-8 to a character offset."""
    if text.isascii():
        return _same
    starts = list(accumulate((byte & 0xC0) != 0x80 for byte in text.encode("utf-8")))  # noqa: PLR2004 (a continuation byte is 0b10xxxxxx)
    return lambda offset: starts[offset] - 1 if offset < len(starts) else len(text)


def _same(offset: int) -> int:
    return offset


def kind(node: Node) -> str:
    """The name of what a Node message holds, "" for none."""
    return node.WhichOneof("node") or ""


def expression_text(node: Node) -> str:
    """An expression as SQL, in the parser's own spelling."""
    select = pb.SelectStmt(limit_option=pb.LIMIT_OPTION_DEFAULT, op=pb.SETOP_NONE)
    select.target_list.add().res_target.val.CopyFrom(node)
    tree = pb.ParseResult()
    tree.stmts.add().stmt.select_stmt.CopyFrom(select)
    return postgast.deparse(tree).removeprefix("SELECT ")


def statement_text(node: Node) -> str:
    """A statement as SQL, in the parser's own spelling."""
    tree = pb.ParseResult()
    tree.stmts.add().stmt.CopyFrom(node)
    return postgast.deparse(tree)


@lru_cache(maxsize=4096)  # a schema has few names, its statements name them over and over
def name_text(*parts: str) -> str:
    """A name as SQL, quoted where it must be."""
    node = pb.Node()
    for part in parts:
        node.column_ref.fields.add().string.sval = part
    return expression_text(node)


def strings(nodes: Node) -> tuple[str, ...]:
    """The values of a list of String nodes; others are left out."""
    return tuple(node.string.sval for node in nodes if kind(node) == "string")
