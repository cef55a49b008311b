"""What a call gives to the parameters of the function that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .languages import language_of
from .values import Constant, Opaque, Record, Sequence

if TYPE_CHECKING:
    from .values import Param, Value

BY_NAME = 999  # the index of a parameter of Ruby that is given by its name

ParamKey = tuple[str | None, int, str, int]


def key_of(param: Param) -> ParamKey:
    """What tells one parameter from another."""
    return param.path, param.offset, param.name, param.index


def arguments(
    params: tuple[Param, ...], args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]
) -> dict[ParamKey, Value]:
    """What a call gives to each parameter: by position, by name, else the default."""
    language = language_of(params[0].path or "") if params else None
    if language is not None and language.name == "elixir":
        return _by_place(params, (*args, Record(keywords)) if keywords else args)
    if language is not None and language.name == "ruby":
        return _by_name(params, args, keywords)
    named = dict(keywords)
    spread = next(
        (i for i, arg in enumerate(args) if isinstance(arg, Opaque) and arg.source[:1] in {"*", "."}), len(args)
    )
    found: dict[ParamKey, Value] = {}
    for param in params:
        if param.name in named:
            found[key_of(param)] = named[param.name]
        elif param.rest:
            found[key_of(param)] = Sequence(args[param.index : spread], spread == len(args))
        elif param.index < spread:
            found[key_of(param)] = args[param.index]
        elif param.default is not None and spread == len(args) and "**" not in named:
            found[key_of(param)] = param.default
        elif spread == len(args) and language is not None and language.undefined:
            found[key_of(param)] = Constant(None, undefined=True)
    return found


def _by_name(
    params: tuple[Param, ...], args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]
) -> dict[ParamKey, Value]:
    """What Ruby gives: what no parameter takes by its name goes to `**options`, else it is a hash after the others."""
    if len(args) == 1 < len(params) and not params[0].function:  # a block takes an item apart
        args = args[0].items if isinstance(args[0], Sequence) else ()
    named = {param.name: param for param in params if param.index == BY_NAME and not param.rest}
    takes = next((param for param in params if param.index == BY_NAME and param.rest), None)
    given = {key_of(named[key]): value for key, value in keywords if key in named}
    left = tuple(pair for pair in keywords if pair[0] not in named and pair[0] not in {"&", "**"})
    spreads = tuple((len(left), value) for key, value in keywords if key == "**")
    whole = Record(left, not spreads, spreads=spreads)
    if takes is not None:
        given[key_of(takes)] = whole
    elif not named and (left or spreads):
        args = (*args, whole)
    sure = next((i for i, arg in enumerate(args) if isinstance(arg, Opaque) and arg.source[:1] == "*"), len(args))
    for param in params:
        if param.index < sure and not param.rest:
            given[key_of(param)] = args[param.index]
        elif param.rest and param.index != BY_NAME:
            given[key_of(param)] = Sequence(args[param.index : sure], sure == len(args))
        elif param.default is not None and key_of(param) not in given and sure == len(args) and not spreads:
            given[key_of(param)] = param.default
    return given


def _by_place(params: tuple[Param, ...], args: tuple[Value, ...]) -> dict[ParamKey, Value]:
    """What Elixir gives: keywords are one list at the end, and defaults stand wherever arguments are too few."""
    left = len(args) - sum(param.default is None for param in params)
    found: dict[ParamKey, Value] = {}
    rest = iter(args)
    for param in params:
        if param.default is not None and left <= 0:
            found[key_of(param)] = param.default
            continue
        left -= param.default is not None
        given = next(rest, None)
        found |= {key_of(param): given} if given is not None else {}
    return found
