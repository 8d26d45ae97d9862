"""The status page of a real service, read without a script: with Redis killed and with the database down."""

from __future__ import annotations

import gzip
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest

from tests.servers import PostgreSQL, Redis, Service

pytestmark = [pytest.mark.processes, pytest.mark.postgres, pytest.mark.redis]


@dataclass
class Reader:
    """Somebody at a browser that runs no script."""

    service: Service
    cookie: str = ""

    def read(self, path: str, language: str = "en") -> tuple[int, str, int]:
        """Status, text and bytes on the wire of a page."""
        headers = {"Accept-Language": language, "Cookie": self.cookie, "Accept-Encoding": "gzip"}
        request = urllib.request.Request(self.service.url + path, headers=headers)
        try:
            answer = urllib.request.build_opener(_Staying).open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        raw = answer.read()
        text = gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw
        return answer.status, text.decode(), len(text)

    def log_in(self) -> None:
        """Follow a link of ``contact console link``."""
        said = self.service.contact("console", "link", "--role", "admin").stdout
        token = said.split("token=")[1].split()[0]
        request = urllib.request.Request(
            f"{self.service.url}/session", f"token={token}".encode(), {"Sec-Fetch-Site": "same-origin"}
        )
        try:
            answer = urllib.request.build_opener(_Staying).open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        found = SimpleCookie(answer.headers["Set-Cookie"])
        self.cookie = "; ".join(f"{name}={part.value}" for name, part in found.items())


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def test_status_is_told_with_redis_killed_and_the_database_down(
    start_service: Callable[..., Service], redis_server: Redis
) -> None:
    """Both languages, no script, under 30 kB; what is down is said with what to do; without a session only what lives."""
    database = PostgreSQL()
    url = database.create("status_page")
    service = start_service(CONTACT_REDIS_URL=redis_server.url, CONTACT_DATABASE_URL=url)
    service.publish()
    reader = Reader(service)
    assert reader.read("/status")[0] == 401
    reader.log_in()
    try:
        status, page, size = reader.read("/status")
        assert (status, page.count("does not answer")) == (200, 0), page
        assert "API and worker" in page and "ContactLedgerNotAsPromised" in page
        assert size <= 30_000
        assert re.search(r"as of <time[^>]*>\d\d:\d\d UTC", page)
        redis_server.kill()
        status, page, _ = reader.read("/status", "zh-CN")
        assert (status, 'lang="zh-CN"' in page) == (200, True)
        assert "Redis 没有响应" in page and "接口与后台" in page
        database.stop()
        status, page, _ = reader.read("/overview")
        assert (status, 'href="/status"' in page) == (503, True)
        status, page, _ = reader.read("/status", "en")
        assert status == 503
        assert "The database does not answer" in page and "Redis does not answer" in page
        assert "API and worker" in page
        deadline = time.monotonic() + 20
        while page.count("since <time") < 2 and time.monotonic() < deadline:
            time.sleep(0.5)
            page = reader.read("/status", "en")[1]
        assert page.count("since <time") == 2, "a process notices within seconds and knows it from then on"
        stranger = Reader(service).read("/status", "zh-CN")
        assert stranger[0] == 503 and "数据库没有响应" in stranger[1]
        assert not re.search(r"ck_|ContactLedger|contact backup", stranger[1])
    finally:
        database.stop()
        redis_server.start_again()
