"""What a model of Rails is asked for in Ruby: `User.table_name`, which most models do not say themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Call, Class, Member

if TYPE_CHECKING:
    from .model import Resolve
    from .values import Text

_SUFFIXES = (".rb", ".rake")


def named_table(call: Call, resolve: Resolve) -> Text | None:
    """The table that `table_name` or `quoted_table_name` of a class gives; None for any other call."""
    match call:
        case Call(Member(Class(path=str(path)) as owner, "table_name" | "quoted_table_name" as name), (), ()):
            if not path.endswith(_SUFFIXES):
                return None
            from .declarations.rails import table_text  # noqa: PLC0415 - most projects have no Rails

            return table_text(owner, resolve, quoted=name != "table_name")
        case _:
            return None
