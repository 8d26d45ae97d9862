"""Requests at a steady pace over raw sockets: a client so small that its own work makes no tail."""

from __future__ import annotations

import gc
import json
import select
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

_END, _LENGTH = b"\r\n\r\n", b"content-length:"


def request(url: str, path: str, key: str, body: Mapping[str, Any]) -> bytes:
    """One POST as it goes over the line."""
    raw = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


class _Line:
    """One kept-alive connection with at most one request under way."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._heard = b""

    def status(self) -> int:
        """Of the answer once it is whole; 0 until then."""
        self._heard += self.socket.recv(1 << 16)
        end = self._heard.find(_END)
        told = self._heard.lower().find(_LENGTH, 0, end)
        if end < 0 or told < 0:
            return 0
        length = int(self._heard[told + len(_LENGTH) : self._heard.index(b"\r", told)])
        if len(self._heard) < end + len(_END) + length:
            return 0
        status, self._heard = int(self._heard[9:12]), b""
        return status


def paced(url: str, make: Callable[[], bytes], rate: float, seconds: float) -> list[float]:
    """Milliseconds from when each should have been asked, whatever comes of the others; infinite where not answered 200."""
    idle, lines, took, sent, total = list[_Line](), dict[int, _Line](), list[float](), 0, int(rate * seconds)
    gc.collect()
    gc.disable()
    with select.epoll() as ready:
        started = time.perf_counter()
        while len(took) < total:
            while sent < total and started + sent / rate <= time.perf_counter():
                line = idle.pop() if idle else _Line(url)
                if line.socket.fileno() not in lines:
                    lines[line.socket.fileno()] = line
                    ready.register(line.socket, select.EPOLLIN)
                line.due = started + sent / rate
                line.socket.sendall(make())
                sent += 1
            wait = started + sent / rate - time.perf_counter() if sent < total else 1.0
            for number, _ in ready.poll(max(0.0, wait)):
                if status := lines[number].status():
                    now = time.perf_counter()
                    took.append((now - lines[number].due) * 1000 if status == 200 else float("inf"))
                    idle.append(lines[number])
    gc.enable()
    for line in lines.values():
        line.socket.close()
    return took
