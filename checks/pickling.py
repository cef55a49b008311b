"""Values of this package's own classes, read back from files that are ours."""

from __future__ import annotations

import pickle
from typing import Any

_OWN = __name__.partition(".")[0]


class OwnTypes(pickle.Unpickler):
    """Makes values of this package's own classes only."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """A class of ours; raises UnpicklingError for anything else."""
        own = module_name.partition(".")[0] == _OWN
        found = super().find_class(module_name, global_name) if own and "." not in global_name else None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f'"{module_name}.{global_name}" is not a type of ours')
        return found
