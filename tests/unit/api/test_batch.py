"""Files over HTTP: the same answers and the same words as `verticore predict`, and nothing of ours told or left."""

import asyncio
import io
import json
import threading

import httpx
import polars as pl
import pytest

from platform_core.api import create_app
from platform_core.api.parquet import check_unpacked
from platform_core.api.problems import BodyTooLarge
from platform_core.sdk import Silent

PATH = "/api/v1/models/news/batch"
CSV = "text,source\nProfit rose by a third.,wire\nSales fell.,paper\n"
BAD = "text,source\nProfit rose by a third.,wire\n ,paper\nSales fell.,paper\n"
AS_CSV = {"content-type": "text/csv"}


def parquet(columns) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def upload(http, content, kind="text/csv", **query):
    return http.post(PATH, content=content, headers={"content-type": kind}, params=query)


def test_the_answer_is_that_of_offline_prediction(http, served):
    answer = upload(http, CSV, name="news.csv").json()
    offline = served.predict("news@champion", [{"text": "Profit rose by a third."}, {"text": "Sales fell."}])
    assert (answer["model"], answer["version"], answer["bad_rows"], answer["skipped"]) == ("news", 1, 0, [])
    for found, wanted, row in zip(answer["predictions"], offline, (1, 2), strict=True):
        assert (found["label"], found["file"], found["row"]) == (wanted["label"], "news.csv", row)
        assert found["scores"] == pytest.approx(wanted["scores"], abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/csv", CSV.encode()),
        ("text/tab-separated-values", CSV.replace(",", "\t").encode()),
        ("application/x-ndjson", b'{"text": "Profit rose by a third."}\n{"text": "Sales fell."}\n'),
        ("application/vnd.apache.parquet", None),
    ],
)
def test_formats_in(http, kind, content):
    if content is None:
        buffer = io.BytesIO()
        pl.read_csv(CSV.encode()).write_parquet(buffer)
        content = buffer.getvalue()
    answer = upload(http, content, kind)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["predictions"]) == 2


@pytest.mark.parametrize("by_accept", [False, True])
@pytest.mark.parametrize(
    ("wanted", "accept", "read"),
    [
        ("csv", "text/csv", pl.read_csv),
        ("jsonl", "application/jsonl", pl.read_ndjson),
        ("parquet", "application/vnd.apache.parquet", pl.read_parquet),
        ("tsv", "text/tab-separated-values, */*;q=0.1", lambda content: pl.read_csv(content, separator="\t")),
    ],
)
def test_formats_out(http, wanted, accept, read, by_accept):
    headers = AS_CSV | ({"accept": accept} if by_accept else {})
    answer = http.post(PATH, content=CSV, headers=headers, params={} if by_accept else {"format": wanted})
    assert answer.status_code == 200, answer.text
    frame = read(io.BytesIO(answer.content))
    assert frame["source"].to_list() == ["wire", "paper"]
    assert {"prediction", "score_positive"} <= set(frame.columns)
    assert (answer.headers["verticore-model"], answer.headers["verticore-skipped"]) == ("news:1", "0")
    assert answer.headers["content-disposition"].endswith(f'.{wanted}"')


def test_a_form_is_a_file_too(http):
    answer = http.post(PATH, files={"file": ("../../news.csv", CSV, "text/csv")})
    assert [p["file"] for p in answer.json()["predictions"]] == ["news.csv"] * 2


def test_a_bad_row_is_named_and_may_be_skipped(http):
    refused = upload(http, BAD, name="news.csv")
    assert (refused.status_code, refused.json()["code"]) == (422, "data.invalid")
    assert "news.csv" in refused.text
    assert "uploads" not in refused.text, "a folder of ours is told"
    answer = upload(http, BAD, name="news.csv", skip_bad=True).json()
    assert answer["bad_rows"] == 1
    (skipped,) = answer["skipped"]
    assert (skipped["file"], skipped["row"]) == ("news.csv", 2)
    as_file = upload(http, BAD, skip_bad=True, format="csv")
    assert (as_file.headers["verticore-skipped"], as_file.headers["verticore-skipped-rows"]) == ("1", "2")


def test_fields_are_mapped(http):
    content = "words,text\nProfit rose.,no\n"
    answer = upload(http, content, map="text=words", format="csv")
    assert answer.status_code == 200, answer.text
    assert upload(http, content, map="text").json()["code"] == "usage.invalid"
    assert upload(http, content, map="text=nothing").json()["code"] == "data.column-missing"


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", "text/csv", 422, "data.empty"),
        (b"a,b\n1,2\n", "text/csv", 422, "data.column-missing"),
        (b"PAR1 no parquet", "application/vnd.apache.parquet", 422, "data.file-unreadable"),
        (b"\xff\xfe\x00\x00", "text/csv", 422, None),
        (b"{", "application/x-ndjson", 422, None),
        (CSV, "text/html", 415, "request.content-type"),
        (CSV, "", 415, "request.content-type"),
        (b"--x", "multipart/form-data; boundary=x", 422, "request.form"),
        (b"--x", "multipart/form-data", 422, "request.form"),
    ],
)
def test_files_that_cannot_be_used_are_problems(http, content, kind, status, code):
    answer = upload(http, content, kind)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert code is None or answer.json()["code"] == code, answer.text
    assert "uploads" not in answer.text


def test_a_form_without_the_file_is_a_problem(http):
    assert http.post(PATH, data={"file": "text"}, files={"other": b""}).json()["code"] == "request.form"


def test_unknown_models_are_not_found(http):
    answer = http.post("/api/v1/models/nwes/batch", content=CSV, headers=AS_CSV)
    assert (answer.status_code, answer.json()["code"]) == (404, "reference.not-found")


@pytest.fixture
def small(http, served, monkeypatch):
    monkeypatch.setattr(served, "settings", served.settings.model_copy(update={"max_batch_file_bytes": 200_000}))
    return http


def test_a_file_that_is_too_large_is_refused(small):
    answer = upload(small, "text\n" + "Profit rose.\n" * 20_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-large")
    assert "max_batch_file_bytes" in answer.json()["hint"]

    def parts():
        for _ in range(20_000):
            yield b"Profit rose.\n"

    answer = upload(small, parts())
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-large")
    form = small.post(PATH, files={"file": ("a.csv", b"text\n" + b"Profit rose.\n" * 20_000)})
    assert (form.status_code, form.json()["code"]) == (413, "request.too-large")


def test_a_small_file_of_many_equal_cells_is_refused(http, monkeypatch):
    monkeypatch.setattr("platform_core.api.parquet.MOST_CELLS", 1000)
    answer = upload(http, parquet({"text": ["Profit rose."] * 1001}), "application/vnd.apache.parquet")
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-many-examples")


@pytest.mark.parametrize("query", [{}, {"name": "news.pq"}])
def test_a_small_file_of_long_texts_is_refused(small, served, query):
    content = parquet({"text": ["Profit rose. " * 100] * 1_000})
    assert len(content) < served.settings.max_batch_file_bytes / 10
    answer = upload(small, content, "application/vnd.apache.parquet", **query)
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-large")
    assert "uploads" not in answer.text


def test_lists_are_refused_for_one_row_may_hold_any_number(http):
    answer = upload(http, parquet({"text": ["Profit rose."], "more": [[0] * 1000]}), "application/vnd.apache.parquet")
    assert (answer.status_code, answer.json()["where"]) == (422, "more")


def test_what_is_nested_otherwise_counts_as_its_parts(tmp_path):
    part = {"text": "ab", "inner": {"number": 1, "bytes": b"cde"}}
    frame = pl.DataFrame({"part": [part] * 3, "kind": pl.Series(["x", None, "y"], dtype=pl.Categorical)})
    frame.write_parquet(tmp_path / "parts.parquet")
    check_unpacked(tmp_path / "parts.parquet", 17, Silent())
    with pytest.raises(BodyTooLarge):
        check_unpacked(tmp_path / "parts.parquet", 16, Silent())


def test_explanations_are_bounded(http, monkeypatch):
    monkeypatch.setattr("platform_core.api.batch_routes.MOST_EXPLAINED", 1)
    answer = upload(http, CSV, explain=True)
    assert (answer.status_code, answer.json()["details"]) == (422, {"limit": 1})
    assert upload(http, CSV).status_code == 200


def test_who_sends_slowly_takes_no_turn_from_others(served):
    app = create_app(served)
    app.state.batches._most = 1

    async def ask():
        first, go_on = asyncio.Event(), asyncio.Event()

        async def parts():
            yield CSV[:20].encode()
            first.set()
            await go_on.wait()
            yield CSV[20:].encode()

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server", headers=AS_CSV) as client:
            slow = asyncio.create_task(client.post(PATH, content=parts()))
            await first.wait()
            assert app.state.uploads.held == 20
            quick = await client.post(PATH, content=CSV)
            go_on.set()
            return quick.status_code, (await slow).status_code

    assert asyncio.run(ask()) == (200, 200)
    assert app.state.uploads.held == 0


def test_what_files_take_until_they_are_answered_is_bounded(http, monkeypatch):
    monkeypatch.setattr(http.app.state.uploads, "most", 30)
    refused = upload(http, CSV)
    assert (refused.status_code, refused.json()["code"]) == (503, "server.overloaded")
    assert http.app.state.uploads.held == 0


def test_files_take_turns_and_others_are_answered_meanwhile(http, served, monkeypatch):
    running, go_on, real = threading.Semaphore(0), threading.Event(), type(served).predict_file

    def slow(*given, **options):
        running.release()
        assert go_on.wait(20)
        return real(served, *given, **options)

    monkeypatch.setattr(served, "predict_file", slow)
    monkeypatch.setattr(http.app.state.batches, "_most", 1)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(upload(http, CSV)))
    asking.start()
    assert running.acquire(timeout=20)
    refused = upload(http, CSV)
    assert (refused.status_code, refused.json()["code"]) == (503, "server.overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    body = json.dumps({"examples": [{"text": "Profit rose."}]})
    asked = http.post("/api/v1/models/news/predict", content=body, headers={"content-type": "application/json"})
    assert asked.status_code == 200
    go_on.set()
    asking.join(20)
    assert [answer.status_code for answer in answers] == [200]


def test_nothing_is_left(http, served):
    upload(http, CSV, format="csv")
    upload(http, BAD)
    assert not list((served.settings.home / "cache" / "uploads").iterdir())
