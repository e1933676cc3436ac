import pytest

from platform_core.datasets.mapping import complete_mapping
from platform_core.sdk import ColumnMissing, Solution, UsageError

COLUMNS = ("body", "mood", "days", "group")


def complete(solution: Solution, labelled: bool | None = True, **sources: dict[str, str]) -> dict[str, str]:
    given = {"user": {}, "remembered": {}, "proposed": {}} | sources
    return dict(complete_mapping(solution, COLUMNS, labelled=labelled, where="a.csv", **given).columns)


def test_the_user_wins_over_the_memory_and_both_over_guesses(tickets: Solution) -> None:
    found = complete(
        tickets,
        user={"text": "body"},
        remembered={"text": "mood", "label": "mood", "group": "gone"},
        proposed={"text": "days", "label": "days", "age": "days"},
    )
    assert found == {"text": "body", "label": "mood", "age": "days"}


def test_what_a_model_was_trained_with_must_be_there(tickets: Solution) -> None:
    remembered = {"text": "body", "channel": "gone"}
    with pytest.raises(
        ColumnMissing, match="no column 'gone' for 'channel', which the model was trained with"
    ) as caught:
        complete(tickets, remembered=remembered, proposed={"label": "mood"})
    assert caught.value.where == "a.csv"
    found = complete(tickets, user={"channel": ""}, remembered=remembered, proposed={"label": "mood"})
    assert found == {"text": "body", "label": "mood"}
    found = complete(tickets, remembered=remembered, proposed={"label": "mood", "channel": "days"})
    assert found["channel"] == "days"


def test_all_that_a_model_was_trained_with_and_is_not_there_is_named_at_once(tickets: Solution) -> None:
    remembered = {"text": "body", "channel": "gone", "age": "years"}
    with pytest.raises(ColumnMissing) as caught:
        complete(tickets, labelled=False, remembered=remembered)
    assert caught.value.message == (
        "there are no columns 'years' for 'age', 'gone' for 'channel', which the model was trained with"
    )
    assert "columns found: body, mood, days, group" in str(caught.value.hint)
    assert "or with --map age= --map channel= leave them out" in str(caught.value.hint)
    assert caught.value.details["fields"] == {"age": "years", "channel": "gone"}
    assert complete(tickets, labelled=False, remembered=remembered, user={"age": "", "channel": ""}) == {"text": "body"}


def test_columns_of_other_fields_are_not_offered_for_those_of_a_model(tickets: Solution) -> None:
    remembered = {"text": "body", "channel": "day", "age": "years"}
    with pytest.raises(ColumnMissing) as caught:
        complete(tickets, labelled=False, remembered=remembered)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("'days' may be 'day'; if so: --map channel=days; columns found: ")
    with pytest.raises(ColumnMissing) as caught:
        complete(tickets, labelled=False, remembered=remembered, proposed={"age": "days"})
    assert caught.value.message == "there is no column 'day' for 'channel', which the model was trained with"
    assert caught.value.details["renamed"] == {}, "'days' feeds 'age'"
    assert "may be" not in str(caught.value.hint)


def test_what_a_format_with_fixed_columns_cannot_carry_is_missing(tickets: Solution) -> None:
    remembered = {"text": "body", "channel": "gone", "age": "years"}
    found = complete_mapping(
        tickets,
        COLUMNS,
        user={},
        remembered=remembered,
        proposed={"age": "days"},
        labelled=False,
        where="a.json",
        fixed=True,
    )
    assert found.columns == {"text": "body", "age": "days"}


def test_a_column_feeds_one_field(tickets: Solution) -> None:
    found = complete(tickets, user={"label": "body"}, proposed={"text": "mood", "channel": "body"})
    assert found == {"label": "body", "text": "mood"}


def test_an_empty_column_name_leaves_a_field_alone(tickets: Solution) -> None:
    found = complete(tickets, user={"group": ""}, proposed={"text": "body", "label": "mood", "group": "group"})
    assert "group" not in found


def test_without_labels_the_reserved_fields_are_not_read(tickets: Solution) -> None:
    proposed = {"text": "body", "label": "mood", "group": "group"}
    assert complete(tickets, labelled=False, proposed=proposed) == {"text": "body"}
    assert complete(tickets, labelled=None, proposed={"text": "body"}) == {"text": "body"}
    assert complete(tickets, labelled=False, user={"text": "body", "label": "gone"}) == {"text": "body"}


def test_says_what_to_do_about_an_unknown_column(tickets: Solution) -> None:
    with pytest.raises(ColumnMissing) as caught:
        complete(tickets, user={"label": "mod"}, proposed={"text": "body"})
    assert str(caught.value) == (
        "data.column-missing: there is no column 'mod' for 'label', at a.csv, did you mean 'mood'? "
        "columns found: body, mood, days, group; choose with --map label=COLUMN"
    )


def test_says_what_to_do_when_a_column_cannot_be_told(tickets: Solution) -> None:
    with pytest.raises(ColumnMissing, match="which column is the label") as caught:
        complete(tickets, proposed={"text": "body"})
    assert "columns found: body, mood, days, group; name it with --map label=COLUMN" in str(caught.value)


def test_refuses_unknown_fields(tickets: Solution) -> None:
    with pytest.raises(UsageError, match="no field 'txt'") as caught:
        complete(tickets, user={"txt": "body"})
    assert "did you mean 'text'" in str(caught.value)
