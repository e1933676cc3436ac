"""Models that read tables, over HTTP: their description, their answers, and what is refused."""

from __future__ import annotations

import json

import jsonschema
import pytest

from platform_core.api import predict_path
from platform_core.client import Answer, Client
from platform_core.sdk import BadInput

CELLS = {"heat": 30.5, "load": None, "grade": "B", "site": "north"}


def schema_of(http, reference: str, part: str) -> dict:
    """Return the schema of a request or response, with all components beside it."""
    document = http.get("/openapi.json").json()
    operation = document["paths"][predict_path(reference)]["post"]
    place = operation["requestBody"] if part == "request" else operation["responses"]["200"]
    return place["content"]["application/json"]["schema"] | {"components": document["components"]}


def test_a_request_of_numbers_texts_and_nulls_fits_the_description(http_tables):
    schema = schema_of(http_tables, "claims", "request")
    jsonschema.validate({"examples": [{"columns": CELLS}], "explain": True}, schema)
    for wrong in ({"columns": {**CELLS, "heat": [1]}}, {"columns": {"heat": 1}}, {}, {"columns": CELLS, "x": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"examples": [wrong]}, schema)


def test_each_version_is_described_with_its_own_columns(http_tables):
    request = {"examples": [{"columns": {name: value for name, value in CELLS.items() if name != "site"}}]}
    jsonschema.validate(request, schema_of(http_tables, "claims@slim", "request"))
    document = http_tables.get("/openapi.json").json()
    components = document["components"]["schemas"]
    assert components["claims.2.example"]["properties"]["columns"]["required"] == ["heat", "load", "grade"]
    assert components["claims.2.request"]["examples"][0]["examples"][0]["columns"]["heat"] == 24.0


@pytest.mark.parametrize("reference", ["claims:1", "claims@slim", "prices"])
def test_answers_fit_their_description(http_tables, reference):
    answer = http_tables.post(predict_path(reference), json={"examples": [{"columns": CELLS}] * 2, "explain": True})
    described = "claims" if reference.startswith("claims") else "prices"
    jsonschema.validate(answer.raise_for_status().json(), schema_of(http_tables, described, "response"))
    (said, _) = answer.json()["predictions"]
    assert ("value" in said) == (described == "prices")
    assert {part["column"] for part in said["explanation"]["columns"]} <= {"heat", "load", "grade", "site"}
    assert said["explanation"]["words"] == []


def test_a_missing_column_is_a_problem_that_names_the_likely_new_one(http_tables):
    renamed = {"Heat" if name == "heat" else name: value for name, value in CELLS.items()}
    response = http_tables.post(predict_path("claims:1"), json={"examples": [{"columns": renamed}]})
    assert response.status_code == 422
    problem = response.json()
    assert problem["code"] in ("input.invalid", "data.column-missing")
    assert problem["details"] == {"absent": ["heat"], "renamed": {"heat": "Heat"}}
    assert "'Heat' may be 'heat'" in problem["hint"]


def test_words_in_a_column_of_numbers_are_a_problem(http_tables):
    response = http_tables.post(predict_path("prices"), json={"examples": [{"columns": CELLS | {"heat": "hot"}}]})
    assert response.status_code == 422
    assert "'hot'" in response.json()["detail"]
    assert "'heat'" in response.json()["where"]


def test_too_many_explanations_are_a_problem_and_so_many_predictions_are_none(http_tables):
    many = {"examples": [{"columns": CELLS}] * 33}
    response = http_tables.post(predict_path("prices"), json=many | {"explain": True})
    assert response.status_code == 422
    assert response.json()["details"] == {"limit": 32}
    assert http_tables.post(predict_path("prices"), json=many).status_code == 200


def test_booleans_and_whole_numbers_are_numbers(http_tables):
    values = []
    for heat, load in ((30, True), (30.0, 1.0)):
        request = {"examples": [{"columns": CELLS | {"heat": heat, "load": load}}]}
        answer = http_tables.post(predict_path("prices"), json=request).raise_for_status().json()
        values.append(answer["predictions"][0]["value"])
    assert values[0] == pytest.approx(values[1])


@pytest.fixture
def client(http_tables):
    client = Client("http://server")
    client._http = http_tables
    return client


def test_the_client_types_classes_and_numbers(client):
    (said,) = client.predict("claims:1", [{"columns": CELLS}]).answers
    assert said.label in ("bad", "good")
    assert sum(said.scores.values()) == pytest.approx(1, abs=1e-5)
    assert (said.labels, said.value, said.abstained, said.explanation) == (None, None, False, None)
    (number,) = client.predict("prices", [{"columns": CELLS}], explain=True).answers
    assert isinstance(number.value, float)
    assert (number.label, number.scores) == (None, {})
    assert number.explanation is not None
    with pytest.raises(BadInput, match="columns"):
        client.predict("prices", [{"columns": {}}])


def test_the_client_types_sets_and_what_is_left_to_people():
    said = Answer.of(json.loads('{"labels": ["a"], "scores": {"a": 0.9, "b": 0.4}, "abstained": true}'))
    assert (said.labels, said.label, said.abstained) == (("a",), None, True)


def test_the_client_types_what_rules_and_solutions_add():
    remark = {"code": "red-flag.shock", "text": "pressure 70"}
    said = Answer.of({"label": "a", "scores": {}, "top": ["a", "b"], "remarks": [remark], "topic": "orders"})
    assert (said.top, said.remarks, said.facts) == (("a", "b"), (remark,), {"topic": "orders"})
    assert Answer.of({"value": 1.0}).facts == {}
