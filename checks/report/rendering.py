"""Pages and drawings from their templates."""

from __future__ import annotations

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
