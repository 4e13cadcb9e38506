"""Alive, ready, and figures without health data."""

from datetime import timedelta

from sqlalchemy import text

from tests.line import ANN, TestLine


def test_alive_at_once_and_ready_while_a_worker_ticks(line: TestLine) -> None:
    assert line.client.get("/healthz").status_code == 200
    assert line.client.get("/readyz").status_code == 503
    line.work()
    assert line.client.get("/readyz").json() == {"database": "answers", "worker": "ticking"}
    line.clock.moment += timedelta(minutes=5)
    assert line.client.get("/readyz").status_code == 503


def test_figures_count_what_waits_and_name_nobody(line: TestLine) -> None:
    line.text(ANN, "my foot went numb")
    figures = line.client.get("/metrics").text
    assert 'backtalk_review_items_open{level="urgent"} 1.0' in figures
    assert 'backtalk_job_age_seconds{job="heartbeat"} 0.0' in figures
    assert ANN[2:] not in figures
    assert "numb" not in figures


def test_every_answer_carries_safe_headers(line: TestLine) -> None:
    for path in ("/", "/console/sign-in", "/nowhere", "/report.pdf"):
        headers = line.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_failure_tells_a_visitor_nothing(line: TestLine) -> None:
    with line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE job_runs RENAME TO gone"))
    answer = line.client.get("/readyz")
    assert answer.status_code >= 500
    assert "job_runs" not in answer.text
