"""What the API's description allows, and what it does not, tried at random: never a 5xx, problems are documents."""

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from platform_core.api import create_app

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

EXAMPLES = 10


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_brings_the_server_down(served, mode):
    # The endpoints of models come with what is registered: the description as it stands now.
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(served))
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case):
            answer = case.call()
            assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0] == "application/problem+json"
                assert answer.json()["status"] == answer.status_code
                assert answer.json()["code"]

        with suppress(Unsatisfiable):  # where nothing is taken, nothing can be wrong
            check()
            tried += 1
    assert tried > 10
