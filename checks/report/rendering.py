"""Pages and drawings from their templates."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """The templates: everything is escaped, and a name that is not there is an error."""
    loader = PackageLoader(__package__ or "pgarbiter.report")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def rendered(template: str, **values: Any) -> str:
    """The template with these values in it."""
    return environment().get_template(template).render(values)


def part(template: str, **values: object) -> str:
    """A template that is no HTML: a style or a script, with its last line's end as it stands between the tags."""
    return environment().get_template(template).render(values)


def policy(style: str, script: str) -> str:
    """What a page may do: run this style and this script, and fetch nothing (Content Security Policy, level 3)."""
    nothing = "default-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{nothing}; style-src {_digest(style)}; script-src {_digest(script)}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
