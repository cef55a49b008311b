"""The rules as SARIF describes them, with the properties that GitHub code scanning shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sarif_pydantic import Message, ReportingDescriptor
from sarif_pydantic.sarif import ReportingConfiguration

from ..rules import registry
from ..rules.model import Severity

if TYPE_CHECKING:
    from ..rules import RuleInfo

# GitHub Docs, "SARIF support for code scanning", properties of a reportingDescriptor.
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
# What is an error fails each time; the milder ones depend on rows, roles or what the program does besides.
_PRECISION = {Severity.ERROR: "very-high", Severity.WARNING: "high", Severity.NOTE: "medium"}


def descriptors() -> list[ReportingDescriptor]:
    """All rules, in the order of their codes."""
    return [_descriptor(info) for info in registry().values()]


def indexes() -> dict[str, int]:
    """Where the rule of a name stands in that list."""
    return {info.name: index for index, info in enumerate(registry().values())}


def _descriptor(info: RuleInfo) -> ReportingDescriptor:
    return ReportingDescriptor(
        id=info.name,
        name="".join(word.capitalize() for word in info.name.split("-")),
        short_description=Message(text=_sentence(info.summary)),
        full_description=Message(text=f"{_sentence(info.summary)} {info.effect}"),
        help=Message(text=_help(info), markdown=_markdown(info)),
        default_configuration=ReportingConfiguration(level=info.severity.value),
        properties={
            "code": info.code,
            "tags": ["postgresql", "upsert", info.code],
            "precision": _PRECISION[info.severity],
            "problem.severity": _PROBLEM[info.severity],
        },
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _help(info: RuleInfo) -> str:
    return f"{info.rationale}\n\nEffect: {info.effect}\n\nRemedy: {info.remedy}\n\nSee also: pgarbiter rule {info.name}"


def _markdown(info: RuleInfo) -> str:
    return (
        f"# {info.code} {info.name}\n\n{info.rationale}\n\n**Effect.** {info.effect}\n\n**Remedy.** {info.remedy}\n\n"
        f"`pgarbiter rule {info.name}` prints this, too.\n"
    )
