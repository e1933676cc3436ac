import pytest

from platform_core.finetune.parity import Parity
from platform_core.finetune.precision import as_good


@pytest.mark.parametrize(
    ("examples", "same", "good"),
    [
        (1000, 0.996, True),
        (1000, 0.994, False),
        (50, 49 / 50, True),
        (50, 48 / 50, False),
        (1, 0.0, True),
    ],
)
def test_few_answers_may_change(examples, same, good):
    assert as_good(Parity(examples, 0.5, same)) is good


def test_numbers_may_hardly_change():
    assert as_good(Parity(10, 0.01, None))
    assert not as_good(Parity(10, 0.05, None))
    assert not as_good(Parity(10, float("nan"), None))
