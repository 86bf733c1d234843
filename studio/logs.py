"""How the house logs: a line a record, for people or as JSON, with request and job, and never with a secret."""

import json
import logging
import logging.config
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from protocol import context

MASK = "[masked]"
#: What a secret looks like, by itself or behind its name; the groups `keep` are kept.
SECRETS = re.compile(
    r"""
    (?P<keep>\bauthorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token|deepl-auth-key)\s+)?)[^\s"',;}]+ |
    (?P<keep2>\b(?:bearer|basic)\s+)[A-Za-z0-9+/=._~-]{8,} |
    (?P<keep3>\b[\w-]*(?:password|passwd|secret|token|api[_-]?key|sessionid|cookie|studio_session|csrftoken)
        ["']?\s*[:=]\s*["']?)[^\s"',;}&]+ |
    (?P<keep4>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@) |
    \bwhsec_[A-Za-z0-9+/=_-]+ |
    \bsk-[A-Za-z0-9_-]{6,}
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Names of fields of a record that are the logging module's own.
OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "whom", "request_id", "job_id"}


def mask(text: str) -> str:
    """The text without keys, passwords, tokens and signing secrets."""
    return SECRETS.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    kept = next((value for value in match.groupdict().values() if value), "")
    return kept + MASK


class Masked(logging.Filter):
    """Takes secrets out of the message and the traceback, and says what was worked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes, changed."""
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info:
            record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip())
        record.request_id = context.request_id.get()
        record.job_id = context.job_id.get()
        return True


class Plain(logging.Formatter):
    """For people: time, level, logger, message, and whom it was for."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback below it."""
        given = [getattr(record, name, "") for name in ("request_id", "job_id")]
        record.whom = "".join(f" [{value}]" for value in given if value)
        return super().format(record)


class Json(logging.Formatter):
    """For machines: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; line feeds are escaped, so a line is a record."""
        content: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "job_id"):
            if value := getattr(record, name, ""):
                content[name] = value
        extra = {name: value for name, value in vars(record).items() if name not in OWN}
        content |= {name: _plain(value) for name, value in extra.items()}
        if record.exc_text:
            content["traceback"] = record.exc_text
        return json.dumps(content, ensure_ascii=False)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | bool | None) else mask(str(value))


def config(style: str) -> dict[str, Any]:
    """Django's LOGGING; `style` is "json" or anything else for people."""
    formatter = (
        {"()": "studio.logs.Json"}
        if style == "json"
        else {
            "()": "studio.logs.Plain",
            "format": "{asctime} {levelname} {name}{whom} {message}",
            "style": "{",
        }
    )
    # Servers that come with handlers of their own would pass the mask by.
    through = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"masked": {"()": "studio.logs.Masked"}},
        "formatters": {"line": formatter},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["masked"]}
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "httpx": {"level": "WARNING"},
            "django": {"level": "INFO", **through},
            # It logs every 404 as a warning; the requests' own line says it already.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING", **through},
            "django.channels.server": {"level": "WARNING"},
            "uvicorn": {"level": "WARNING", **through},
            "uvicorn.error": {"level": "WARNING", **through},
            # A line for each of its tasks, which come every two seconds.
            "celery.beat": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def begin(settings_logging: dict[str, Any]) -> None:
    """Have a process that brings its own logging (Celery) log as the house does."""
    logging.config.dictConfig(settings_logging)
