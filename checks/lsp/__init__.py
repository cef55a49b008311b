"""The language server: what `check` finds, shown in an editor; the only importer of pygls."""

from __future__ import annotations
