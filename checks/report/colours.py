"""The colours of pages and drawings, each for light and for dark, in the one place that says them."""

from __future__ import annotations

# Text on its own ground has a contrast of at least 4.5 : 1 (WCAG 2.2, success criterion 1.4.3).
COLOURS = {
    "ground": ("#ffffff", "#0d1117"),
    "panel": ("#f6f8fa", "#151b23"),
    "text": ("#1f2328", "#e6edf3"),
    "muted": ("#59636e", "#9aa2ab"),
    "line": ("#d1d9e0", "#3d444d"),
    "edge": ("#818b98", "#7d8590"),
    "link": ("#0758b8", "#58a6ff"),
    "added": ("#0f5323", "#7ee2a0"),
    "added-ground": ("#e6fbeb", "#11271a"),
    "added-word": ("#b3f0c1", "#1d5731"),
    "added-line": ("#2da44e", "#3fb950"),
    "removed": ("#86061d", "#ffb3ad"),
    "removed-ground": ("#ffefed", "#331619"),
    "removed-word": ("#ffc9c4", "#76262c"),
    "removed-line": ("#cf222e", "#f85149"),
    "changed": ("#633c01", "#f0cf73"),
    "changed-ground": ("#fff8c5", "#30270f"),
    "changed-line": ("#bf8700", "#d29922"),
    "renamed": ("#0a3069", "#9ecbff"),
    "renamed-ground": ("#ddf4ff", "#11263d"),
    "renamed-line": ("#0969da", "#4493f8"),
    "breaks": ("#ffffff", "#ffffff"),
    "breaks-ground": ("#a40e26", "#b62324"),
    "destructive": ("#ffffff", "#ffffff"),
    "destructive-ground": ("#a34100", "#a34100"),
}
LIGHT = {name: light for name, (light, _) in COLOURS.items()}
DARK = {name: dark for name, (_, dark) in COLOURS.items()}
VARIABLES = {name: f"var(--{name})" for name in COLOURS}
