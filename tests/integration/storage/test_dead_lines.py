"""Lines to PostgreSQL whose other end is gone without a word."""

from __future__ import annotations

import asyncio
import socket

import pytest

from contact.storage.databases.postgresql import PostgreSQL


@pytest.mark.postgres
async def test_a_line_to_postgresql_that_nobody_acknowledges_is_given_up_in_seconds(
    request: pytest.FixtureRequest,
) -> None:
    """What is sent is waited for 15 s and silence is asked after for 25 s, instead of the kernel's quarter of an hour."""
    server = request.getfixturevalue("postgres_server")
    database = PostgreSQL(server.create("dead_lines"))
    try:
        asked = (
            (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
        )

        def options(number: int) -> list[int]:
            with socket.socket(fileno=socket.dup(number)) as line:
                return [line.getsockopt(level, name) for level, name in asked]

        found = await database.read(lambda tx: options(tx.connection.fileno()))  # type: ignore[attr-defined]
        assert found == [15_000, 1, 10, 5, 3]
    finally:
        await asyncio.to_thread(database.close)
        server.drop("dead_lines")
