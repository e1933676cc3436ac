"""Names of metrics: parsed, ordered, and complete."""

import math

import pytest

from platform_core.evaluation import LOWER_IS_BETTER, METRICS_OF, better, sign_of
from platform_core.evaluation.measures import MEASURES, RATES
from platform_core.evaluation.names import PARAMETRISED, canonical, split_name
from platform_core.sdk import UsageError


def test_every_name_has_its_function_and_every_function_its_name():
    for task, names in METRICS_OF.items():
        bases = {split_name(name, task)[0] for name in names}
        assert bases == set(MEASURES[task]) - set(RATES)
    assert {name for names in METRICS_OF.values() for name in names if "=" in name} == {
        "recall@fpr=0.01",
        "recall@alert=0.001",
        "recall@alert=0.01",
        "undertriage@overtriage=0.3",
        "top_k_accuracy=3",
    }
    assert set(PARAMETRISED) | LOWER_IS_BETTER <= {base for task in MEASURES for base in MEASURES[task]}


def test_shares_are_read_and_written_one_way():
    assert canonical("recall@fpr=.050", "binary") == "recall@fpr=0.05"
    assert canonical("top_k_accuracy=2.0", "multiclass") == "top_k_accuracy=2"
    assert canonical("macro_f1", "binary") == "macro_f1"
    assert split_name("undertriage@overtriage=0.2", "ordinal") == ("undertriage@overtriage", 0.2)


@pytest.mark.parametrize(
    ("name", "task", "message"),
    [
        ("f1", "binary", r"no metric 'f1' of binary answers.*macro_f1"),
        ("mae", "multiclass", "no metric 'mae'"),
        ("accuracy=0.5", "binary", "no metric 'accuracy=0.5'"),
        ("recall@fpr", "binary", r"needs a share.*such as recall@fpr=0.01"),
        ("recall@fpr=1%", "binary", "needs a share"),
        ("recall@alert=2", "binary", "needs a share"),
        ("recall@alert=nan", "binary", "needs a share"),
        ("top_k_accuracy", "multiclass", r"needs a count.*such as top_k_accuracy=3"),
        ("top_k_accuracy=0.5", "multiclass", "needs a count"),
        ("top_k_accuracy=inf", "multiclass", "needs a count"),
        ("top_k_accuracy=2", "binary", "no metric"),
    ],
)
def test_mistakes_are_named(name, task, message):
    with pytest.raises(UsageError, match=message):
        split_name(name, task)


def test_better_knows_which_way_is_up():
    assert better("macro_f1", 0.8, 0.7)
    assert better("mae", 0.7, 0.8)
    assert better("undertriage@overtriage=0.3", 0.1, 0.2)
    assert not better("mae", 0.7, 0.7)
    assert better("mae", 0.7, math.nan)
    assert not better("mae", math.nan, 0.7)
    assert not better("mae", math.nan, math.nan)
    assert (sign_of("r2"), sign_of("rmse")) == (1, -1)
