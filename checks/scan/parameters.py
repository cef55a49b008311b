"""What a call gives to the parameters of the function that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Constant, Opaque, Sequence

if TYPE_CHECKING:
    from .values import Param, Value

_SCRIPTS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")

ParamKey = tuple[str | None, int, str, int]


def key_of(param: Param) -> ParamKey:
    """What tells one parameter from another."""
    return param.path, param.offset, param.name, param.index


def arguments(
    params: tuple[Param, ...], args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]
) -> dict[ParamKey, Value]:
    """What a call gives to each parameter: by position, by name, else the default."""
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
        elif spread == len(args) and (param.path or "").endswith(_SCRIPTS):
            found[key_of(param)] = Constant(None, undefined=True)
    return found
