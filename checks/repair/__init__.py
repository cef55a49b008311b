"""From findings to repairs: what can cure each one, what that does elsewhere, and the revisions that do it."""

from __future__ import annotations
