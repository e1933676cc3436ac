"""Examples: their identity."""

from typing import Annotated

from hypothesis import given
from hypothesis import strategies as st

from platform_core.sdk import Cells, Columns, Example, NonBlank, Text


class Claim(Example):
    """A text and a table."""

    note: Annotated[NonBlank, Text()]
    columns: Annotated[Cells, Columns()]


WORDS = st.text(max_size=3)
CELLS = st.dictionaries(WORDS, st.integers(-9, 9).map(float) | WORDS | st.none(), max_size=5)


@given(CELLS, CELLS, st.randoms(use_true_random=False))
def test_equal_examples_have_equal_hashes_and_others_do_not(
    cells: dict[str, float | str | None], others: dict[str, float | str | None], random: object
) -> None:
    shuffled = list(cells.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    claim, again, other = (Claim(note="late", columns=table) for table in (cells, dict(shuffled), others))
    assert again.content_hash() == claim.content_hash()
    assert (other.content_hash() == claim.content_hash()) == (other == claim)
