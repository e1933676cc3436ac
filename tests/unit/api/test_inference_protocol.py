"""The Open Inference Protocol: the same answers as by our own endpoint; Triton's client where it is there."""

import json
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_core.api.tensors import InputTensor, OutputTensor, read_columns

TEXTS = ["Profit rose by a third.", "Sales fell — in München."]
INFER = "/v2/models/news/infer"


def text_tensor(texts=TEXTS, **changes):
    return {"name": "text", "datatype": "BYTES", "shape": [len(texts)], "data": texts} | changes


def test_the_server_says_what_it_is(http):
    assert http.get("/v2").json()["name"] == "verticore"
    assert http.get("/v2/health/live").json() == {"live": True}
    assert http.get("/v2/health/ready").json() == {"ready": True}


@pytest.mark.parametrize("path", ["/v2/models/news", "/v2/models/news@champion", "/v2/models/news/versions/1"])
def test_metadata_name_the_tensors(http, path):
    told = http.get(path).json()
    assert (told["name"], told["versions"], told["platform"]) == ("news", ["1", "2"], "verticore")
    assert told["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    outputs = {tensor["name"]: tensor for tensor in told["outputs"]}
    assert list(outputs) == ["label", "scores", "abstained"]
    assert outputs["scores"]["shape"] == [-1, 3]
    assert json.loads(outputs["scores"]["parameters"]["labels"]) == ["negative", "neutral", "positive"]
    assert http.get(f"{path}/ready").json() == {"name": path.split("/")[3], "ready": True}


def test_telling_the_tensors_loads_no_model(http, served, monkeypatch):
    monkeypatch.setattr(served.models, "get", lambda *_: pytest.fail("it was loaded"))
    assert http.get("/v2/models/news/versions/2").status_code == 200


@pytest.mark.parametrize("shape", [[2], [2, 1]])
@pytest.mark.parametrize("nested", [False, True])
def test_the_answer_is_that_of_our_own_endpoint(http, shape, nested):
    data = [[text] for text in TEXTS] if nested and len(shape) == 2 else TEXTS
    body = {"id": "42", "inputs": [text_tensor(shape=shape, data=data)]}
    found = http.post(INFER, json=body).json()
    own = http.post("/api/v1/models/news/predict", json={"examples": [{"text": text} for text in TEXTS]}).json()
    assert (found["model_name"], found["model_version"], found["id"]) == ("news", "1", "42")
    outputs = {tensor["name"]: tensor for tensor in found["outputs"]}
    assert outputs["label"]["data"] == [p["label"] for p in own["predictions"]]
    names = json.loads(outputs["scores"]["parameters"]["labels"])
    scores = [p["scores"][name] for p in own["predictions"] for name in names]
    assert outputs["scores"]["data"] == pytest.approx(scores, abs=1e-5)
    assert outputs["scores"]["shape"] == [2, 3]
    assert outputs["abstained"]["data"] == [False, False]


def test_a_version_is_asked_by_its_number(http):
    body = {"inputs": [text_tensor()], "outputs": [{"name": "label"}], "parameters": {"explain": True}}
    found = http.post("/v2/models/news/versions/2/infer", json=body).json()
    assert found["model_version"] == "2"
    assert [tensor["name"] for tensor in found["outputs"]] == ["label"]


def test_an_explanation_is_one_more_tensor(http):
    body = {"inputs": [text_tensor()], "parameters": {"explain": True}}
    outputs = {tensor["name"]: tensor for tensor in http.post(INFER, json=body).json()["outputs"]}
    assert json.loads(outputs["explanation"]["data"][0])["method"] == "occlusion"


def test_columns_of_a_table_are_tensors(http_tables):
    told = http_tables.get("/v2/models/claims/versions/1").json()
    inputs = {tensor["name"]: tensor["datatype"] for tensor in told["inputs"]}
    assert set(inputs.values()) == {"FP64", "BYTES"}
    tensors = [
        {"name": name, "datatype": kind, "shape": [2], "data": [None, 1.5] if kind == "FP64" else ["", "north"]}
        for name, kind in inputs.items()
    ]
    answer = http_tables.post("/v2/models/claims/versions/1/infer", json={"inputs": tensors})
    assert answer.status_code == 200, answer.text
    cells = [
        {name: None if row == 0 else 1.5 if kind == "FP64" else "north" for name, kind in inputs.items()}
        for row in range(2)
    ]
    own = http_tables.post("/api/v1/models/claims:1/predict", json={"examples": [{"columns": c} for c in cells]}).json()
    labels = next(tensor for tensor in answer.json()["outputs"] if tensor["name"] == "label")
    assert labels["data"] == [p["label"] for p in own["predictions"]]
    short = http_tables.post("/v2/models/claims/versions/1/infer", json={"inputs": tensors[1:]})
    assert (short.status_code, short.json()["code"]) == (422, "data.column-missing")


def test_numbers_are_a_tensor_of_values(http_tables):
    told = http_tables.get("/v2/models/prices").json()
    assert [tensor["name"] for tensor in told["outputs"]] == ["value"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"name": "txt"}, 422, "request.schema"),
        ({"shape": [3]}, 422, "request.schema"),
        ({"shape": [2, 2]}, 422, "request.schema"),
        ({"shape": [-2]}, 422, "request.schema"),
        ({"shape": []}, 422, "request.schema"),
        ({"datatype": "STRING"}, 422, "request.schema"),
        ({"datatype": "BOOL", "data": [True, False]}, 422, "request.schema"),
        ({"datatype": "FP32"}, 422, "request.schema"),
        ({"datatype": "FP32", "data": [1.0, 2.0]}, 422, "input.invalid"),
        ({"data": ["a", 1]}, 422, "request.schema"),
        ({"data": ["a", None]}, 422, "input.invalid"),
        ({"data": None}, 422, "request.schema"),
        ({"parameters": {"shared_memory_region": "x"}}, 422, "request.schema"),
        ({"data": ["a"] * 9, "shape": [9]}, 413, "request.too-many-examples"),
        ({"data": [], "shape": [0]}, 422, "request.schema"),
    ],
)
def test_wrong_tensors_are_problems(http, changes, status, code):
    answer = http.post(INFER, json={"inputs": [text_tensor(**changes)]})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert code in answer.json()["error"], "clients of the protocol read this member"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v2/models/nwes/infer", {"inputs": [text_tensor()]}, 404),
        ("/v2/models/news/versions/9/infer", {"inputs": [text_tensor()]}, 404),
        ("/v2/models/news/versions/x/infer", {"inputs": [text_tensor()]}, 422),
        (INFER, {"inputs": []}, 422),
        (INFER, [], 422),
        (INFER, {"inputs": [text_tensor(), text_tensor()]}, 422),
        (INFER, {"inputs": [text_tensor()], "outputs": [{"name": "lable"}]}, 422),
    ],
)
def test_wrong_requests_are_problems(http, path, body, status):
    answer = http.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]


def packed(texts) -> bytes:
    return b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in texts)


def binary_body(*contents: bytes, **changes) -> tuple[bytes, dict[str, str]]:
    tensors = [text_tensor(data=None, parameters={"binary_data_size": len(c)}, **changes) for c in contents]
    head = json.dumps({"inputs": tensors, "parameters": {"binary_data_output": True}}).encode()
    return b"".join((head, *contents)), {"Inference-Header-Content-Length": str(len(head))}


def test_bytes_in_and_out(http):
    body, headers = binary_body(packed(TEXTS))
    answer = http.post(INFER, content=body, headers=headers)
    length = int(answer.headers["Inference-Header-Content-Length"])
    document, content = json.loads(answer.content[:length]), answer.content[length:]
    assert sum(tensor["parameters"]["binary_data_size"] for tensor in document["outputs"]) == len(content)
    label = document["outputs"][0]["parameters"]["binary_data_size"]
    scores = np.frombuffer(content[label:][: 2 * 3 * 4], "<f4").reshape(2, 3)
    assert scores.sum(1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize(
    "content",
    [b"", packed(TEXTS)[:-1], packed(TEXTS[:1]), packed([*TEXTS, "c"]), b"\xff\xff\xff\xffab", b"\1\0\0\0\xff" * 2],
)
def test_bytes_that_are_not_what_they_say_are_problems(http, content):
    body, headers = binary_body(content)
    answer = http.post(INFER, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.schema")


def test_examples_are_counted_before_they_are_taken_out_of_the_bytes(http):
    body, headers = binary_body(b"\0" * 5_000, shape=[1_000])
    answer = http.post(INFER, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-many-examples")


@pytest.mark.parametrize("length", ["-1", "x", "99999999", "0", "5"])
def test_a_wrong_length_of_the_document_is_a_problem(http, length):
    body, _ = binary_body(packed(TEXTS))
    answer = http.post(INFER, content=body, headers={"Inference-Header-Content-Length": length})
    assert answer.status_code in (400, 422)


numbers = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8)


@given(values=numbers)
def test_numbers_go_through_bytes_unchanged(values):
    content = np.array([np.nan if v is None else v for v in values], "<f8").tobytes()
    parameters = {"binary_data_size": len(content)}
    tensor = InputTensor(name="a", shape=[len(values)], datatype="FP64", parameters=parameters)
    assert read_columns([tensor], content) == {"a": values}


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6))
def test_texts_go_through_bytes_unchanged(texts):
    told, content = OutputTensor("a", "BYTES", [len(texts)], texts, {}).as_bytes()
    assert read_columns([InputTensor.model_validate(told)], content) == {"a": texts}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60), length=st.integers(0, 400))
def test_no_bytes_bring_the_server_down(http, content, length):
    body, _ = binary_body(content)
    answer = http.post(INFER, content=body, headers={"Inference-Header-Content-Length": str(length)})
    assert answer.status_code < 500


@pytest.mark.slow
def test_tritons_client_is_answered(served):
    triton = pytest.importorskip("tritonclient.http", exc_type=ImportError)
    from platform_core.cli.server_process import ServerProcess

    with ServerProcess(served.settings.home) as server:
        client = triton.InferenceServerClient(server.url.removeprefix("http://"))
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("news", "1")
        assert client.get_model_metadata("news@champion")["name"] == "news"
        for binary in (True, False):
            given = triton.InferInput("text", [2, 1], "BYTES")
            given.set_data_from_numpy(np.array([[text] for text in TEXTS], dtype=object), binary_data=binary)
            wanted = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("label", "scores")]
            for outputs in (None, wanted):
                found = client.infer("news", [given], outputs=outputs, request_id="7")
                own = served.predict("news@champion", [{"text": text} for text in TEXTS])
                texts = [t.decode() if isinstance(t, bytes) else t for t in found.as_numpy("label")]
                assert texts == [p["label"] for p in own]
                scores = [list(p["scores"].values()) for p in own]
                assert found.as_numpy("scores") == pytest.approx(np.array(scores), abs=1e-5)
                assert found.get_response()["id"] == "7"
        with pytest.raises(Exception, match=r"reference\.not-found"):
            client.infer("nwes", [given])
