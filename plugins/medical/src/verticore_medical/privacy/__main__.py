"""``python -m verticore_medical.privacy``: what the masker finds on the generated notes."""

from __future__ import annotations

import sys

from verticore_medical.privacy.measuring import measure
from verticore_medical.privacy.notes import make_notes

_NOTES = 600


def main() -> None:
    """Print recall by kind, and precision, for both sets of templates."""
    for title, held_out in (("templates that the rules know", False), ("held-out templates", True)):
        measured = measure(make_notes(_NOTES, held_out=held_out))
        lines = [f"{title}: recall {measured.recall:.4f}, precision {measured.precision:.4f}, {_NOTES} notes"]
        for kind, count in sorted(measured.spans.items()):
            lines.append(f"  {kind:8} {measured.masked[kind]:5} of {count:5}  {measured.masked[kind] / count:.4f}")
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
