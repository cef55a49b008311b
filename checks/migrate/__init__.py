"""Applies the revisions of any alembic.ini: looks at the data first, takes locks briefly, verifies, notifies.

Alembic itself runs in a child process of the project's interpreter, which tells each revision, statement and commit;
this process holds the advisory lock, watches the progress, and asks the catalog before a version is stamped.
"""

from __future__ import annotations
