"""Functions, procedures and DO blocks: language, names and settings that their body sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .parser import Node, kind, parse, strings

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names that PL/pgSQL itself declares (pl_comp.c, do_compile).
_EVERYWHERE = ("found",)
_IN_TRIGGERS = (
    *("tg_name", "tg_when", "tg_level", "tg_op", "tg_relid", "tg_relname", "tg_table_name", "tg_table_schema"),
    *("tg_nargs", "tg_argv"),
)
_IN_EVENT_TRIGGERS = ("tg_event", "tg_tag")
_OWN = {"trigger": _IN_TRIGGERS, "event_trigger": _IN_EVENT_TRIGGERS}


@dataclass(frozen=True, slots=True)
class Routine:
    """A routine whose body is a literal. `body_offset`: bytes, at or before that literal."""

    language: str
    variables: tuple[str, ...]
    search_path: tuple[str, ...] | None
    body_offset: int
    is_block: bool


def read_routine(statement: Node) -> Routine | None:
    """The routine that a CREATE FUNCTION, CREATE PROCEDURE or DO statement holds; None: no body as text."""
    match kind(statement):
        case "create_function_stmt":
            return _function(statement.create_function_stmt)
        case "do_stmt":
            options = _options(statement.do_stmt.args)
            if "as" not in options:
                return None
            return Routine(_text(options.get("language"), "plpgsql"), _EVERYWHERE, None, options["as"].location, True)
        case _:
            return None


def _function(statement: Node) -> Routine | None:
    options = _options(statement.options)
    if "as" not in options:
        return None
    parameters = (node.function_parameter.name for node in statement.parameters)
    returns = strings(statement.return_type.names)[-1:]
    own = _OWN.get("".join(returns), ())
    paths = [search_path(node.def_elem.arg.variable_set_stmt) for node in statement.options if _is_setting(node)]
    return Routine(
        language=_text(options.get("language"), "sql"),
        variables=(*(name for name in parameters if name), *_EVERYWHERE, *own),
        search_path=next((path for path in paths if path is not None), None),
        body_offset=options["as"].location,
        is_block=False,
    )


def _options(nodes: Iterable[Node]) -> dict[str, Node]:
    return {node.def_elem.defname: node.def_elem for node in nodes}


def _is_setting(node: Node) -> bool:
    return kind(node.def_elem.arg) == "variable_set_stmt"


def _text(option: Node | None, default: str) -> str:
    return option.arg.string.sval.lower() if option is not None else default


def search_path(setting: Node) -> tuple[str, ...] | None:
    """The schemas of a SET search_path; None when it is another setting, or says DEFAULT or FROM CURRENT.

    An empty name, as in `SET search_path = ''`, is no schema.
    """
    if setting.name != "search_path" or setting.kind != pb.VAR_SET_VALUE:
        return None
    return tuple(node.a_const.sval.sval for node in setting.args if node.a_const.sval.sval)


def session_path(statement: Node, before: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The search_path after a statement: SET, RESET, or a SELECT of set_config(), as in the files of pg_dump."""
    if kind(statement) == "variable_set_stmt":
        setting = statement.variable_set_stmt
        if setting.name == "search_path" or setting.kind == pb.VAR_RESET_ALL:
            return search_path(setting)
        return before
    if kind(statement) == "select_stmt":
        for node in statement.select_stmt.target_list:
            value = _configured(node.res_target.val)
            if value is not None:
                return _listed(value)
    return before


def _configured(node: Node) -> str | None:
    """The value that a call of set_config gives to search_path."""
    call = node.func_call
    if strings(call.funcname)[-1:] != ("set_config",) or len(call.args) != 3:  # noqa: PLR2004 (name, value, is_local)
        return None
    name, value = (argument.a_const for argument in call.args[:2])
    return value.sval.sval if name.sval.sval.lower() == "search_path" and value.HasField("sval") else None


def _listed(value: str) -> tuple[str, ...]:
    """The names of a list as a setting holds it: `a, "B"`."""
    if not value.strip():
        return ()
    try:
        statements = parse(f"SET search_path = {value}").statements
    except SqlSyntaxError:
        return ()
    setting = statements[0].stmt.variable_set_stmt if len(statements) == 1 else None
    return (search_path(setting) or ()) if setting is not None else ()
