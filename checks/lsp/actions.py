"""Code actions: the patch of a statement, and the comment that takes a finding out of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol.types import (
    CodeAction,
    CodeActionKind,
    OptionalVersionedTextDocumentIdentifier,
    Range,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from ..report.page import visible
from .ignoring import comment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lsprotocol.types import Diagnostic

    from .folder import Placed
    from .patches import Offer
    from .places import Text

_ABOUT_COMMENTS = "unused-ignore"  # what is to be done about it is in the comment itself


def repairs(
    offers: Iterable[Offer],
    wanted: Sequence[Placed],
    shown: Sequence[Diagnostic],
    document: OptionalVersionedTextDocumentIdentifier,
    text: Text,
    *,
    versioned: bool,
) -> Iterator[CodeAction]:
    """One action for each patch of a wanted finding: of several findings that one patch cures, one action for all.

    `shown` are the diagnostics of the wanted findings. The edit is of that version of the document only, as far as the
    client knows versioned edits.
    """
    places = {(one.finding.span, one.finding.code): diagnostic for one, diagnostic in zip(wanted, shown, strict=True)}
    made: dict[str, CodeAction] = {}
    for offer in offers:
        diagnostic = places.get((offer.finding.span, offer.finding.code))
        if diagnostic is None:
            continue
        patch, key = offer.patch, repr(offer.patch.edits)
        if key in made:
            made[key].diagnostics = [*(made[key].diagnostics or ()), diagnostic]
            continue
        then = f", then {', '.join(dict.fromkeys(one.code for one in patch.then))}" if patch.then else ""
        edits = [TextEdit(Range(text.position(e.start), text.position(e.end)), e.text) for e in patch.edits]
        made[key] = CodeAction(
            title=visible(f"{offer.finding.code}: {patch.says}{then}"),
            kind=CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            is_preferred=not patch.asks,
            edit=edit(edits, document, versioned=versioned),
        )
    yield from made.values()


def comments(
    wanted: Sequence[Placed],
    shown: Sequence[Diagnostic],
    document: OptionalVersionedTextDocumentIdentifier,
    path: str,
    text: Text,
    *,
    versioned: bool,
) -> Iterator[CodeAction]:
    """One action for each rule that has something to say there: the comment that leaves its findings out."""
    seen = set()
    for one, diagnostic in zip(wanted, shown, strict=True):
        rule = one.finding.rule
        if (rule, one.span) in seen or rule == _ABOUT_COMMENTS:
            continue
        seen.add((rule, one.span))
        if (made := comment(one, path, text)) is not None:
            yield CodeAction(
                title=f"{one.finding.code}: leave it out by a comment, in which you write why",
                kind=CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=edit([made], document, versioned=versioned),
            )


def edit(
    edits: Sequence[TextEdit], document: OptionalVersionedTextDocumentIdentifier, *, versioned: bool
) -> WorkspaceEdit:
    """Edits of one document; the client refuses them for another version, if it can."""
    if versioned:
        return WorkspaceEdit(document_changes=[TextDocumentEdit(document, list(edits))])
    return WorkspaceEdit(changes={document.uri: list(edits)})
