"""Health, lists and the OpenAPI document."""

from fastapi.testclient import TestClient

from platform_core.api import create_app, predict_path
from platform_core.platform import Platform


def test_the_server_is_healthy_and_ready(http):
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"status": "ready"}


def test_models_are_listed_with_versions_and_aliases(http):
    assert http.get("/api/v1/models").json()["models"] == [
        {"name": "news", "solution": "finance.sentiment", "versions": 2, "newest": 2, "aliases": {"champion": 1}}
    ]
    shown = http.get("/api/v1/models/news").json()
    assert [version["number"] for version in shown["history"]] == [2, 1]
    assert shown["history"][1]["aliases"] == ["champion"]
    assert http.get("/api/v1/models/nwes").json()["code"] == "reference.not-found"


def test_the_description_has_a_path_per_model_with_the_solutions_schemas(http):
    document = http.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    for reference in ("news", "news@champion"):
        operation = document["paths"][predict_path(reference)]["post"]
        request = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert schemas[request]["properties"]["examples"]["maxItems"] == 8
        response = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert set(schemas[response]["properties"]) == {"id", "model", "version", "predictions"}
    example = schemas["finance.sentiment.example"]
    assert example["required"] == ["text"]
    assert example["additionalProperties"] is False
    assert {"label", "scores"} <= set(schemas["finance.sentiment.prediction"]["properties"])


def test_every_reference_in_the_description_leads_somewhere(http):
    document = http.get("/openapi.json").json()

    def references(part):
        if isinstance(part, dict):
            yield from (part["$ref"],) if isinstance(part.get("$ref"), str) else ()
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"], reference
    names = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(names) == len(set(names))


def test_an_empty_workspace_is_served_and_described(home):
    with Platform.open(home) as platform, TestClient(create_app(platform)) as client:
        assert client.get("/api/v1/models").json() == {"models": []}
        assert "/api/v1/models/{model}/predict" in client.get("/openapi.json").json()["paths"]
