"""Expressions of any host language, reduced to what a write site can be made of.

A host (`scan/hosts/`) lowers syntax trees to these values; clients and the linker read nothing else, so a client is
written once for all languages. Offsets count characters of the decoded source from 0.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A string known to the letter. `runs` maps text to source: (position in text, source offset), ascending.

    Between two runs text and source advance together, an escape sequence starts a new run. `path` is the file it stands
    in; hosts always set it.
    """

    text: str
    runs: tuple[tuple[int, int], ...] = ()
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A boolean, a number, or None/null/undefined; `undefined` tells JavaScript's, which JSON leaves out, from null."""

    value: bool | float | None
    offset: int = 0
    undefined: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """Strings put together by concatenation, interpolation or formatting; parts that are no Text are holes.

    `tag` is the tag of a tagged template ("sql", "Prisma.sql"), or "raw" for text that is SQL by its making
    (`sql.raw(x)`, `sql.identifier("t")`): inside a tagged template only such parts are text, all others are bound.
    """

    parts: tuple[Value, ...]
    tag: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, to be looked up at `offset` in its file (`path`; hosts always set it). `this` is one too."""

    name: str
    offset: int
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """`object.name`, or `object["name"]`."""

    object: Value
    name: str
    offset: int = 0  # of the name


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `offset` is where the whole expression starts, `name_offset` where the called name stands, `end` past it.

    A chain `a.from("t").upsert(x)` is Call(Member(Call(Member(Name(a), "from"), ("t",)), "upsert"), (x,)). A spread
    argument (`*rows`, `...rows`, `**options`) is an Opaque whose source starts with "*" or "...".
    """

    callee: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    offset: int
    name_offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Record:
    """An object or dict with literal keys; `complete` is False when a spread or a computed key was left out.

    `spreads` are those that were left out, each with the index of the entry that it stands before; Resolve puts the
    entries of the known ones in, and a record that lacks nothing else is then complete. `sometimes` are the keys that,
    of several records made by the same code, some have and some do not, or have without a value (undefined).
    """

    entries: tuple[tuple[str, Value], ...]
    complete: bool = True
    offset: int = 0
    spreads: tuple[tuple[int, Value], ...] = ()
    sometimes: tuple[str, ...] = ()

    def get(self, key: str) -> Value | None:
        """The last value of that key."""
        return next((v for k, v in reversed(self.entries) if k == key), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, tuple or array. `complete` False: more items of the same shape (a comprehension, `.map(...)`)."""

    items: tuple[Value, ...]
    complete: bool = True
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values: a ternary, a variable assigned in branches; `complete` False: of more.

    `fallback`: the first of them that is there, as in `a ?? b` and `a or b`.
    """

    options: tuple[Value, ...]
    complete: bool = True
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the enclosing function, which makes that function a wrapper."""

    function: str  # name of the function; "" for an anonymous one
    name: str
    index: int  # position among the parameters as a caller counts them (self and cls left out)
    default: Value | None = None
    offset: int = 0  # of the function
    path: str | None = None
    type: Value | None = None  # a value of its declared type, where the host reads types
    rest: bool = False  # it takes all further arguments, as a list


@dataclass(frozen=True, slots=True)
class Import:
    """A name that another module exports; `name` None: the module itself, "default": its default export."""

    module: str
    name: str | None
    path: str | None = None  # the importing file


@dataclass(frozen=True, slots=True)
class Class:
    """A class: its bases, and the assignments of its body, in order.

    An annotation without a value is an Opaque of the annotation's text (`Opaque(": Mapped[str]")`). What a constructor
    assigns to `this` or `self` comes last. Names inside are not resolved: give them to Resolve.
    """

    name: str
    bases: tuple[Value, ...]
    body: tuple[tuple[str, Value], ...]
    keywords: tuple[tuple[str, Value], ...] = ()
    offset: int = 0
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function that is known by what it returns; Resolve puts the arguments in when it is called."""

    name: str
    params: tuple[Param, ...]
    result: Value
    offset: int = 0
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Opaque:
    """Anything else: computed at run time. `source` is its text, cut to 80 characters."""

    source: str
    offset: int = 0


Value = (
    Text
    | Constant
    | Join
    | Name
    | Member
    | Call
    | Record
    | Sequence
    | Choice
    | Param
    | Import
    | Class
    | Lambda
    | Opaque
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a program branches on. `operator`: "" for whether its one operand is true, "not", "and", "or", "==", "!=".

    Operands of "and" and "or" and that of "not" are tests themselves, all others are values. What a host cannot read,
    or may have changed since, is an Opaque.
    """

    operator: str
    operands: tuple[Value | Condition, ...]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Guard:
    """What is the case wherever a place of the program is reached: that a test holds, or that it does not."""

    test: Condition
    holds: bool
