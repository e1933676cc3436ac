"""Predicting over HTTP: answers as offline, every bad request a problem with a stable code, never a 5xx."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GOOD = {"examples": [{"text": "Profit rose by a third."}, {"text": "Sales fell."}]}
PATH = "/api/v1/models/news/predict"
JSON = {"content-type": "application/json"}


def assert_problem(response, status: int, code: str) -> dict:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["detail"]
    return problem


def test_the_answer_is_that_of_offline_prediction(http, served):
    answer = http.post(PATH, json=GOOD).json()
    offline = served.predict("news@champion", GOOD["examples"])
    assert (answer["model"], answer["version"]) == ("news", 1)
    for found, wanted in zip(answer["predictions"], offline, strict=True):
        assert found["label"] == wanted["label"]
        assert found["scores"] == pytest.approx(wanted["scores"], abs=1e-5)
        assert "explanation" not in found


def test_a_bare_name_is_its_champion_and_numbers_are_numbers(http):
    versions = {ref: http.post(f"/api/v1/models/{ref}/predict", json=GOOD).json()["version"] for ref in REFERENCES}
    assert versions == REFERENCES


REFERENCES = {"news": 1, "news:1": 1, "news:2": 2, "news@champion": 1}


def test_an_explanation_comes_on_request(http):
    answer = http.post(PATH, json=GOOD | {"explain": True}).json()
    words = [word["word"] for word in answer["predictions"][1]["explanation"]["words"]]
    assert sorted(words) == ["Sales", "fell"]


@pytest.mark.parametrize(
    ("reference", "nearest"), [("nwes", "news"), ("news:9", None), ("news@champoin", "champion"), ("Bad Name!", None)]
)
def test_an_unknown_model_is_not_found_or_malformed(http, reference, nearest):
    response = http.post(f"/api/v1/models/{reference}/predict", json=GOOD)
    assert response.status_code in (404, 422)
    problem = response.json()
    assert problem["code"] in ("reference.not-found", "usage.invalid")
    assert nearest is None or nearest in problem["hint"]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({}, "examples"),
        ([], "the document"),
        ("text", "the document"),
        (None, "the document"),
        ({"examples": []}, "examples"),
        ({"examples": {"text": "a"}}, "examples"),
        ({"examples": ["a"]}, "examples.0"),
        ({"examples": [{"text": "a"}], "explain": "yes"}, "explain"),
        ({"examples": [{"text": "a"}], "explian": True}, "explian"),
    ],
)
def test_a_wrong_document_is_refused_with_its_place(http, document, where):
    response = http.post(PATH, content=json.dumps(document), headers=JSON)
    assert assert_problem(response, 422, "request.schema")["where"] == where


@pytest.mark.parametrize(
    ("example", "field"),
    [
        ({}, "text"),
        ({"text": "  "}, "text"),
        ({"text": None}, "text"),
        ({"text": 3}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": "a", "label": "positive"}, "label"),
    ],
)
def test_a_wrong_example_is_refused_with_its_number_and_field(http, example, field):
    problem = assert_problem(http.post(PATH, json={"examples": [{"text": "a"}, example]}), 422, "input.invalid")
    assert problem["where"] == f"examples[1].{field}"


def test_a_text_with_half_a_character_is_refused(http):
    body = b'{"examples": [{"text": "\\ud800"}]}'
    assert_problem(http.post(PATH, content=body, headers=JSON), 400, "request.not-json")
    whole = b'{"examples": [{"text": "\\ud83d\\ude42"}]}'
    assert http.post(PATH, content=whole, headers=JSON).status_code == 200


def test_odd_but_valid_texts_are_answered(http):
    texts = ["\x00", "𝔘𝔫𝔦", "a" * 15_000, "．", "🙂", "\u202eabc"]
    for text in texts:
        assert http.post(PATH, json={"examples": [{"text": text}]}).status_code == 200, text[:10]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"examples": [{"text": NaN}]}',
        b'{"examples": [{"text": 1e999}]}',
        b'{"examples": [{"text": -Infinity}]}',
        b"[" * 5_000 + b"]" * 5_000,
        b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
        b"1" * 10_000,
    ],
    ids=["empty", "cut", "utf-16", "nan", "overflow", "infinity", "deep list", "deep object", "long number"],
)
def test_what_is_no_json_is_refused(http, body):
    assert_problem(http.post(PATH, content=body, headers=JSON), 400, "request.not-json")


def test_nesting_that_parses_is_a_wrong_document(http):
    body = b'{"examples": [{"text": ' + b"[" * 200 + b"]" * 200 + b"}]}"
    assert_problem(http.post(PATH, content=body, headers=JSON), 422, "input.invalid")


def test_too_many_examples_are_refused(http):
    problem = assert_problem(http.post(PATH, json={"examples": [{"text": "a"}] * 9}), 413, "request.too-many-examples")
    assert problem["details"] == {"limit": 8}
    assert http.post(PATH, json={"examples": [{"text": "a"}] * 8}).status_code == 200


def test_a_body_that_says_it_is_too_large_is_not_read(http):
    assert_problem(http.post(PATH, content=b"x" * 20_001, headers=JSON), 413, "request.too-large")


def test_a_body_that_turns_out_too_large_is_stopped(http):
    sent = []

    def chunks():
        for number in range(1000):
            sent.append(number)
            yield b" " * 1000

    assert_problem(http.post(PATH, content=chunks(), headers=JSON), 413, "request.too-large")


@pytest.mark.parametrize("declared", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
def test_another_content_type_is_refused(http, declared):
    response = http.post(PATH, content=json.dumps(GOOD), headers={"content-type": declared} if declared else {})
    assert_problem(response, 415, "request.content-type")


@pytest.mark.parametrize("declared", ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"])
def test_json_may_be_declared_in_detail(http, declared):
    response = http.post(PATH, content=json.dumps(GOOD), headers={"content-type": declared})
    assert response.status_code == 200


def test_paths_and_methods_that_are_not_there_are_problems(http):
    assert_problem(http.get("/api/v1/nothing"), 404, "request.no-such-path")
    assert_problem(http.get(PATH), 405, "request.method")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=json_values | st.fixed_dictionaries({"examples": json_values}))
def test_no_document_brings_the_server_down(http, document):
    response = http.post(PATH, content=json.dumps(document).encode(), headers=JSON)
    assert response.status_code < 500, response.text


def test_the_key_of_the_caller_reaches_the_routes(http, served, monkeypatch):
    keys, real = [], served.engine.predict

    def predict(*given, key=None, **options):
        keys.append(key)
        return real(*given, key=key, **options)

    monkeypatch.setattr(served.engine, "predict", predict)
    tensors = [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["Profit rose."]}]
    http.post(PATH, json=GOOD, headers={"Verticore-Key": "customer 7"})
    http.post("/v2/models/news/infer", json={"inputs": tensors}, headers={"Verticore-Key": "customer 7"})
    http.post(PATH, json=GOOD)
    assert keys == ["customer 7", "customer 7", None]
