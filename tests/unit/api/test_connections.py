"""What a connection may not do: a real server in a thread, raw sockets."""

import json
import socket
import threading
import time

import pytest

from platform_core.app import serve
from platform_core.settings import Settings


@pytest.fixture(scope="module")
def address(served):
    """Host and port of a server that waits a second for requests."""
    stop, ready, found = threading.Event(), threading.Event(), []

    def announce(endpoint):
        found.append(endpoint.url)
        ready.set()

    settings = Settings(
        home=served.settings.home, port=0, receive_timeout_s=1.0, max_request_bytes=100_000, max_request_examples=8
    )
    with type(served).open(settings=settings) as platform:
        thread = threading.Thread(target=serve, args=(platform,), kwargs={"announce": announce, "stop": stop})
        thread.start()
        assert ready.wait(60)
        host, _, port = found[0].removeprefix("http://").partition(":")
        yield host, int(port)
        stop.set()
        thread.join(60)


def say(address, *parts: bytes, pause: float = 0.0) -> tuple[int, dict, bytes]:
    """Send ``parts`` and return status, problem and headers of the answer once the server closes."""
    with socket.create_connection(address, 10) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body), head.lower()


def post(length: int, kind: bytes = b"application/json") -> bytes:
    return b"POST /api/v1/models/news/predict HTTP/1.1\r\nhost: a\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n" % (
        kind,
        length,
    )


def test_a_body_that_is_cut_short_is_not_waited_for(address):
    status, problem, head = say(address, post(1000), b'{"examples": [')
    assert (status, problem["code"]) == (408, "request.too-slow")
    assert b"connection: close" in head
    assert "receive_timeout_s" in problem["hint"]


def test_headers_that_do_not_end_are_not_waited_for(address):
    status, problem, _ = say(address, b"POST /api/v1/models/news/predict HTTP/1.1\r\nhost: a\r\n")
    assert (status, problem["code"]) == (408, "request.too-slow")


def test_one_that_says_nothing_is_let_go(address):
    began = time.monotonic()
    with socket.create_connection(address, 10) as connection:
        assert connection.recv(100) == b""
    assert 0.5 < time.monotonic() - began < 5


def test_endless_headers_are_refused(address):
    headers = [b"x-%d: %s\r\n" % (i, b"a" * 4000) for i in range(17)]
    status, problem, _ = say(address, b"GET /healthz HTTP/1.1\r\n", *headers)
    assert (status, problem["code"]) == (431, "request.headers-too-large")


def test_what_is_no_http_is_refused(address):
    status, problem, _ = say(address, b"hello\r\n\r\n")
    assert (status, problem["code"]) == (400, "request.invalid")


def test_a_large_body_is_told_so_while_it_is_still_sent(address):
    size = 10_000_000
    status, problem, _ = say(address, post(size), b'{"examples": [{"text": "', b"a" * (size - 28), b'"}]}')
    assert (status, problem["code"]) == (413, "request.too-large")


def test_a_large_body_in_chunks_is_told_so(address):
    head = post(0).replace(b"content-length: 0", b"transfer-encoding: chunked")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    status, problem, _ = say(address, head, *[chunk] * 40, b"0\r\n\r\n")
    assert (status, problem["code"]) == (413, "request.too-large")


def test_a_connection_is_kept_after_a_body_of_the_wrong_kind(address):
    with socket.create_connection(address, 10) as connection:
        for _ in range(2):
            connection.sendall(post(50_000, b"text/plain") + b"a" * 50_000)
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 415")


def test_slow_bodies_hold_no_more_than_their_share(address, served):
    """A body that comes byte by byte is read until the time is over, and others are answered meanwhile."""
    with socket.create_connection(address, 10) as slow:
        slow.sendall(post(1000))
        body = json.dumps({"examples": [{"text": "Profit rose."}]}).encode()
        status, answer, _ = say(address, post(len(body)).replace(b"host: a", b"connection: close"), body)
        assert (status, answer["model"]) == (200, "news")
