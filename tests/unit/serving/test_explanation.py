from __future__ import annotations

from typing import Annotated

from platform_core.modeling.model import texts_of
from platform_core.sdk import Example, NonBlank, Text
from platform_core.serving.explanation import occlude


class Letter(Example):
    subject: Annotated[str | None, Text()] = None
    body: Annotated[NonBlank, Text()]


def test_a_text_that_is_absent_is_no_word():
    letters = [Letter(body="good day"), Letter(subject="Greetings", body="good day")]
    assert texts_of(letters) == ["good day", "Greetings\ngood day"]
    assert [field for field, _, _ in occlude(letters[0]).spans] == ["body", "body"]
    assert [field for field, _, _ in occlude(letters[1]).spans] == ["subject", "body", "body"]
