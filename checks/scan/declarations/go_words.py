"""Names of Go to names of tables and columns, as GORM, bun and go-pg make them.

Sources: gorm.io/gorm 1.31 schema/naming.go NamingStrategy.toDBName (MIT); github.com/jinzhu/inflection 1.0 Plural
(MIT), whose words and endings these are; bun 1.2 internal/underscore.go Underscore (BSD-2-Clause), as in go-pg.
"""

from __future__ import annotations

import re

_INITIALISMS = (
    "API", "ASCII", "CPU", "CSS", "DNS", "EOF", "GUID", "HTML", "HTTP", "HTTPS", "ID", "IP", "JSON", "LHS", "QPS",
    "RAM", "RHS", "RPC", "SLA", "SMTP", "SSH", "TLS", "TTL", "UID", "UI", "UUID", "URI", "URL", "UTF8", "VM", "XML",
    "XSRF", "XSS",
)  # fmt: skip
_INITIALISM = re.compile("|".join(_INITIALISMS))  # the first of the list that matches wins, as in strings.Replacer
_UNCOUNTABLE = frozenset({
    "equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "jeans", "police", "milk",
    "salt", "time", "water", "paper", "food", "art", "cash", "music", "help", "luck", "oil", "progress", "rain",
    "research", "shopping", "software", "traffic",
})  # fmt: skip
_IRREGULAR = (
    ("person", "people"), ("man", "men"), ("child", "children"), ("sex", "sexes"), ("move", "moves"),
    ("ombie", "ombies"), ("goose", "geese"), ("foot", "feet"), ("moose", "moose"), ("tooth", "teeth"),
    ("leaf", "leaves"), ("chassis", "chassis"),
)  # fmt: skip
_PLURALS = (
    (r"(drive)$", r"\1s"),
    (r"(quiz)$", r"\1zes"),
    (r"^(oxen)$", r"\1"),
    (r"^(ox)$", r"\1en"),
    (r"^(m|l)ice$", r"\1ice"),
    (r"^(m|l)ouse$", r"\1ice"),
    (r"(matr|vert|ind)(?:ix|ex)$", r"\1ices"),
    (r"(x|ch|ss|sh)$", r"\1es"),
    (r"([^aeiouy]|qu)y$", r"\1ies"),
    (r"(hive)$", r"\1s"),
    (r"(?:([^f])fe|([lr])f)$", r"\1\2ves"),
    (r"sis$", "ses"),
    (r"([ti])a$", r"\1a"),
    (r"([ti])um$", r"\1a"),
    (r"(buffal|tomat)o$", r"\1oes"),
    (r"(bu)s$", r"\1ses"),
    (r"(alias|status|campus)$", r"\1es"),
    (r"(octop|vir)i$", r"\1i"),
    (r"(octop|vir)us$", r"\1i"),
    (r"^(ax|test)is$", r"\1es"),
    (r"s$", "s"),
    (r"([a-z])$", r"\1s"),
)


def plural(name: str) -> str:
    """The plural of a name in lower case, by its last word."""
    if name in _UNCOUNTABLE:
        return name
    for singular, many in _IRREGULAR:
        if name.endswith(singular):
            return name.removesuffix(singular) + many
    for pattern, replacement in _PLURALS:
        if re.search(pattern, name):
            return re.sub(pattern, replacement, name)
    return name


def gorm_name(name: str) -> str:
    """`CreatedAt` to `created_at`, `IPAddr` to `ip_addr`."""
    value = _INITIALISM.sub(lambda match: match[0].capitalize(), name)
    out: list[str] = []
    last = False
    for index, char in enumerate(value):
        upper = _is_upper(char)
        after = value[index + 1 : index + 2]
        if not upper:
            out.append(char)
        elif not after:
            out += ["_"] if not last and len(value) > 1 else []
            out.append(char.lower())
        else:
            runs = last and (_is_upper(after) or after.isdecimal())
            apart = not runs and index > 0 and value[index - 1] != "_" and after != "_"
            out += ["_", char.lower()] if apart else [char.lower()]
        last = upper
    return "".join(out)


def underscored(name: str) -> str:
    """`CreatedAt` to `created_at`, `IPAddr` to `ip_addr`, as bun and go-pg do."""
    out: list[str] = []
    for index, char in enumerate(name):
        if not _is_upper(char):
            out.append(char)
            continue
        around = name[index - 1 : index] + name[index + 1 : index + 2]
        apart = 0 < index < len(name) - 1 and any("a" <= one <= "z" for one in around)
        out += ["_", char.lower()] if apart else [char.lower()]
    return "".join(out)


def _is_upper(char: str) -> bool:
    return "A" <= char <= "Z"
