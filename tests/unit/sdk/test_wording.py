"""What pydantic finds wrong, in our words."""

import datetime
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core._pydantic_core import list_all_errors

from platform_core.sdk.wording import complaints, first_complaint


def refuse(value):
    raise ValueError(f"Nobody takes {value!r}")


class Line(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=5, pattern="^[a-z]*$")] = "a"
    at: datetime.date | None = None


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needed: int = Field(ge=1, le=9)
    share: float = Field(0.5, gt=0, lt=1, allow_inf_nan=False)
    sure: bool = True
    kind: Literal["day", "week"] = "day"
    lines: tuple[Line, ...] = ()
    few: list[int] = Field([], max_length=2)
    cells: dict[str, float | str | None] = {}
    counts: dict[str, int] = {}
    date: datetime.date | None = None
    lasts: datetime.timedelta = datetime.timedelta(0)
    price: Decimal = Field(Decimal(0), max_digits=4, decimal_places=2)
    own: Annotated[str, AfterValidator(refuse)] = ""


def errors_of(**values):
    with pytest.raises(ValidationError) as caught:
        Given.model_validate({"needed": 1} | values)
    return caught.value


@pytest.mark.parametrize(
    ("values", "where", "message"),
    [
        ({"needed": None}, "needed", "the value is no whole number"),
        ({"needed": "x"}, "needed", "the value is no whole number"),
        ({"needed": 1.5}, "needed", "the value is no whole number"),
        ({"needed": 0}, "needed", "the value must be 1 or more"),
        ({"needed": 10}, "needed", "the value must be 9 or less"),
        ({"share": 0}, "share", "the value must be greater than 0.0"),
        ({"share": float("nan")}, "share", "the number is not finite"),
        ({"sure": "perhaps"}, "sure", "the value is neither true nor false"),
        ({"kind": "year"}, "kind", "the value must be 'day' or 'week'"),
        ({"lines": 3}, "lines", "the value is no list"),
        ({"lines": [3]}, "lines.0", "the value is no object"),
        ({"lines": [{}, {"text": ""}]}, "lines.1.text", "the text is empty"),
        ({"lines": [{"text": "abcdef"}]}, "lines.0.text", "the text is longer than 5 characters"),
        ({"lines": [{"text": "A"}]}, "lines.0.text", "the text does not have the form ^[a-z]*$"),
        ({"lines": [{"text": 1}]}, "lines.0.text", "the value is no text"),
        ({"lines": [{"at": "31.5."}]}, "lines.0.at", "the value is no date"),
        ({"few": [1, 2, 3]}, "few", "there are more than 2 entries"),
        ({"cells": {"a": []}}, "cells.a", "the value is neither number nor text"),
        ({"cells": {"float": []}}, "cells.float", "the value is neither number nor text"),
        ({"counts": {"int": "x"}}, "counts.int", "the value is no whole number"),
        ({"counts": {"int": "x", "a": "y"}}, "counts.int", "the value is no whole number"),
        ({"date": "x"}, "date", "the value is no date"),
        ({"lasts": "x"}, "lasts", "the value is no length of time"),
        ({"price": "123.45"}, "price", "the number has more than 4 digits"),
        ({"price": "1.234"}, "price", "the number has more than 2 digits after the decimal point"),
        ({"price": "123"}, "price", "the number has more than 2 digits before the decimal point"),
        ({"own": "Ada"}, "own", "nobody takes 'Ada'"),
        ({"more": 1}, "more", "there is no such field"),
    ],
)
def test_each_complaint_is_in_our_words(values, where, message):
    found = first_complaint(errors_of(**values))
    assert (found.where, found.message) == (where, message)


def test_what_is_missing_and_all_that_is_wrong_is_told():
    with pytest.raises(ValidationError) as caught:
        Given.model_validate({"share": 2, "cells": {"a": [], "b": {}}})
    assert [found.where for found in complaints(caught.value)] == ["needed", "share", "cells.a", "cells.b"]
    assert complaints(caught.value)[0].message == "the value is missing"


def test_words_of_validators_can_be_left_out():
    found = first_complaint(errors_of(own="Ada"), own_words=False)
    assert found.message == "the value does not fit"


@pytest.mark.parametrize("known", list_all_errors(), ids=lambda known: known["type"])
def test_every_kind_of_error_has_words(known):
    details = [{"type": known["type"], "loc": ("field",), "input": "Ada", "ctx": known.get("example_context") or {}}]
    if known["type"] in ("value_error", "assertion_error"):
        details[0]["ctx"] = {"error": ValueError("it is too much")}
    found = first_complaint(ValidationError.from_exception_data("Given", details))
    assert found.where == "field"
    assert not found.message.startswith(("Input", "input"))
    assert "Ada" not in found.message
