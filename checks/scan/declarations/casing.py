"""How libraries of JavaScript make names of tables and columns out of names of classes and properties."""

from __future__ import annotations

import re
from itertools import pairwise

_CAPITAL = re.compile(r"([A-Z])")
_HUMP = re.compile(r"([a-z])([A-Z])")
_ALPHANUMERIC_HUMP = re.compile(r"([a-z0-9])([A-Z])")
_ACRONYM = re.compile(r"([A-Z])([A-Z])([a-z])")
_LEADING_OR_SEPARATED = re.compile(r"^([A-Z])|[\s\-_](\w)")


def typeorm_snake_case(name: str) -> str:
    """`snakeCase` (typeorm 1.1.1, util/StringUtils): "HTTPRequest2Log" becomes "http_request2_log"."""
    return _ALPHANUMERIC_HUMP.sub(r"\1_\2", _ACRONYM.sub(r"\1_\2\3", name)).lower()


def typeorm_camel_case(name: str) -> str:
    """`camelCase` (typeorm 1.1.1, util/StringUtils): "author_id" becomes "authorId"."""
    return _LEADING_OR_SEPARATED.sub(lambda match: match[2].upper() if match[2] else match[1].lower(), name)


def mikro_orm_underscore(name: str) -> str:
    """`underscore` (@mikro-orm/core 6.6.16, UnderscoreNamingStrategy): "fullName2B" becomes "full_name2b"."""
    return _HUMP.sub(r"\1_\2", name).lower()


def objection_snake_case(name: str) -> str:
    """`snakeCase` without options (objection 3.1.5, utils/identifierMapping): "fooBAR2Id" becomes "foo_bar2_id"."""
    out = name[:1].lower()
    for before, char in pairwise(name):
        upper = char == char.upper() != char.lower()
        after_upper = before == before.upper() != before.lower()
        out += f"_{char.lower()}" if upper and not after_upper else char.lower() if upper else char
    return out


def sequelize_underscored(name: str) -> str:
    """`underscore` (inflection 1.13.4, of sequelize 6): "UserHTTPLog" becomes "user_h_t_t_p_log"."""
    return "/".join(_CAPITAL.sub(r"_\1", part).removeprefix("_") for part in name.split("::")).lower()
