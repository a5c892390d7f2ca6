"""Structured logs. Each request, rerun or job binds an id that also stands in messages and the audit trail."""

import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars


class _Stderr:
    """Standard error as it is at the moment of writing, not as it was when logging was set up."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def set_up_logs(level: str = "INFO", *, as_json: bool = False) -> None:
    """Sends every log line to stderr, readable or as JSON."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Stderr())),
        cache_logger_on_first_use=True,
    )


def log() -> structlog.typing.FilteringBoundLogger:
    """The logger; facts go as keywords, personal data and secrets never."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def new_request_id() -> str:
    """Twelve letters and digits, short enough to be read out on the telephone."""
    return secrets.token_hex(6)


@contextmanager
def request_id(given: str | None = None) -> Iterator[str]:
    """Binds a request or run id to every log line inside the block."""
    name = given or new_request_id()
    with bound_contextvars(request=name):
        yield name


def current_request_id() -> str:
    """The id bound by `request_id`, or a fresh one outside of any."""
    return str(get_contextvars().get("request") or new_request_id())


set_up_logs()  # at once: structlog's own defaults would print local variables, and so secrets, in tracebacks
