"""Logs: a record a line, with request and job, and no secret in any of them."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator

import pytest

from protocol import context
from studio import logs

Lines = Callable[[], list[str]]


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """What the house's handler writes, in the style of the parameter."""
    config = logs.config(request.param)
    maker = logging.config.DictConfigurator(config)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(maker.configure_formatter(config["formatters"]["line"]))
    handler.addFilter(logs.Masked())
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    yield lambda: stream.getvalue().splitlines()
    logger.removeHandler(handler)


as_json = pytest.mark.parametrize("written", ["json"], indirect=True)
in_both = pytest.mark.parametrize("written", ["json", "plain"], indirect=True)
logger = logging.getLogger("tests.logs")

SECRETS = {
    "an API key": ("refused sk-studio-9aXb77Zq", "9aXb77Zq"),
    "a signing secret": ("signs by whsec_MfKQ9r8G=", "MfKQ9r8G"),
    "a header": ("Authorization: Bearer abc.def-123", "abc.def-123"),
    "a header as a dict": ("{'authorization': 'Bearer abcdef123456'}", "abcdef123456"),
    "a basic header": ("authorization=Basic dXNlcjpwdw==", "dXNlcjpwdw"),
    "a bearer by itself": ("sent Bearer eyJhbGciOi.J9 along", "eyJhbGciOi"),
    "a password": ("password=hunter2secret", "hunter2secret"),
    "a password as JSON": ('{"password": "hunter2secret"}', "hunter2secret"),
    "a named secret": ("STUDIO_SECRET_KEY_secret: 'longlonglong'", "longlonglong"),
    "a key by its name": ("OPENAI_API_KEY=abcdefgh", "abcdefgh"),
    "an address of a database": ("postgres://studio:pa55w0rd@db/studio", "pa55w0rd"),
    "a session": ("Cookie: studio_session=a1b2c3d4e5", "a1b2c3d4e5"),
    "a token in a query": ("GET /x?token=abcd1234&page=2", "abcd1234"),
}


@in_both
@pytest.mark.parametrize(("said", "secret"), SECRETS.values(), ids=SECRETS)
def test_no_secret_is_written(written: Lines, said: str, secret: str) -> None:
    logger.warning("it said %s", said)

    assert secret not in written()[0]
    assert logs.MASK in written()[0]


@in_both
def test_no_secret_is_written_in_a_traceback(written: Lines) -> None:
    logger.error("it broke", exc_info=ValueError("bad key sk-studio-9aXb77Zq"))

    text = "\n".join(written())
    assert "ValueError: bad key [masked]" in text
    assert "9aXb77Zq" not in text


@as_json
def test_no_secret_is_written_in_an_extra(written: Lines) -> None:
    logger.warning("it broke", extra={"header": "Bearer abcdefghijk", "count": 3})

    record = json.loads(written()[0])
    assert (record["header"], record["count"]) == ("Bearer [masked]", 3)


@pytest.mark.parametrize(
    "text", ["step 3 of 9: 512 tokens", "job 4b1c queued", "tokens_per_s=77.1", "the key of a glossary"]
)
def test_plain_words_stay(text: str) -> None:
    assert logs.mask(text) == text


@as_json
def test_a_record_is_one_line_of_json_with_request_and_job(written: Lines) -> None:
    with context.asked_by("req_1"), context.working_on("job-2"):
        logger.warning("two\nlines")
    logger.warning("nobody's")

    first, second = [json.loads(line) for line in written()]
    assert (first["message"], first["request_id"], first["job_id"]) == ("two\nlines", "req_1", "job-2")
    assert (first["level"], first["logger"]) == ("WARNING", "tests.logs")
    assert second.keys() == {"at", "level", "logger", "message"}


@pytest.mark.parametrize("written", ["plain"], indirect=True)
def test_people_see_request_and_job_too(written: Lines) -> None:
    with context.asked_by("req_1"), context.working_on("job-2"):
        logger.warning("said")

    assert "WARNING tests.logs [req_1] [job-2] said" in written()[0]


@pytest.mark.parametrize("name", ["uvicorn", "uvicorn.error", "django", "django.server"])
def test_what_others_log_goes_through_the_mask_too(name: str) -> None:
    assert logging.getLogger(name).handlers == []
    assert logging.getLogger(name).propagate
