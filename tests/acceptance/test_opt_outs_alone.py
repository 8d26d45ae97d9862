"""A customer who says no is heard though everything but the database is gone."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Callable

from tests.servers import Service, free_port


def said(service: Service, key: str, path: str, body: dict[str, str], once: str = "") -> int:
    """The status of one POST."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if once:
        headers["Idempotency-Key"] = once
    asked = urllib.request.Request(f"{service.url}{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return int(answer.status)


def test_no_redis_no_worker_no_gateway_no_models(start_service: Callable[..., Service]) -> None:
    """By number and by stop word, with a dead Redis, a dead gateway, no worker and no models' folder: both bind."""
    dead = f"127.0.0.1:{free_port()}"
    alone = start_service(
        role="api", CONTACT_REDIS_URL=f"redis://{dead}/0", CONTACT_SMS_URL=f"http://{dead}/"
    )
    shutil.rmtree(alone.home / "models", ignore_errors=True)
    key = alone.key("gateway")
    number = {"number": "+8613900000001", "source": "shop"}
    assert said(alone, key, "/v1/opt-outs", number, "once-1") == 200
    stop = {"id": "r-1", "from": "+8613900000002", "text": "TD", "at": "2026-03-02T10:00:00+08:00"}
    assert said(alone, key, "/v1/replies", stop) == 200
    assert len((alone.home / "journal" / "opt-outs.jsonl").read_text().splitlines()) == 2
