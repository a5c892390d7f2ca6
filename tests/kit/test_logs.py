"""One id stands in log lines, messages and the audit trail."""

import io
import json
import sys

import pytest

from lib.kit.logs import current_request_id, log, new_request_id, request_id, set_up_logs


def test_the_id_is_bound_inside_the_block_alone() -> None:
    with request_id("abc123") as name:
        assert name == current_request_id() == "abc123"
        with request_id() as inner:
            assert current_request_id() == inner != "abc123"
        assert current_request_id() == "abc123"
    assert current_request_id() != "abc123"


def test_ids_are_short_enough_to_be_read_out() -> None:
    assert len(new_request_id()) == 12
    assert new_request_id().isalnum()


def test_a_line_is_one_json_object_with_the_id(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO", as_json=True)
    with request_id("abc123"):
        log().info("title added", title_id=5)
        log().debug("not shown")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["request"], line["title_id"]) for line in lines] == [("title added", "abc123", 5)]


def test_lines_go_where_standard_error_points_now(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_logs()
    log().info("first")
    later = io.StringIO()
    monkeypatch.setattr(sys, "stderr", later)
    log().info("second")
    assert "second" in later.getvalue()


def test_a_traceback_never_prints_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "-".join(["do", "not", "tell"])  # noqa: F841
    try:
        raise ValueError("broken")
    except ValueError as error:
        log().error("it broke", exc_info=error)
    said = capsys.readouterr().err
    assert "broken" in said
    assert "do-not-tell" not in said
