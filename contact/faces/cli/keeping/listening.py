"""The ports of a service: sockets bound before anything else starts, and how many connections they may hold."""

from __future__ import annotations

import errno
import resource
import socket
from dataclasses import dataclass

from contact.faces.agi import MOST_CALLS
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.taking_in import BACKLOG
from contact.settings import Settings

UNREAD_SECONDS = 30
OWN_FILES = 192
"""Files a process may open for its own work: database, journal, generations, Redis and gateways; and of each port up to 64
connections that were ended and are not closed yet."""
LEAST_CONNECTIONS, MOST_CONNECTIONS = 64, 1024
"""With fewer a service is none; more cost memory: whoever reads no answer takes up to 1.5 megabytes for half a minute."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many connections may be open at once, by port."""

    requests: int
    calls: int


def room_of(settings: Settings) -> Room:
    """As many as the limit of open files leaves. Raises Complaint where that is too few to serve."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    places = MOST_CONNECTIONS + MOST_CALLS if limit == resource.RLIM_INFINITY else limit - OWN_FILES
    if places < LEAST_CONNECTIONS:
        raise Complaint(
            f"the limit of open files is {limit}, and serving takes {OWN_FILES + LEAST_CONNECTIONS} at least: raise it "
            "with `ulimit -n 4096`, or LimitNOFILE=4096 in systemd's unit"
        )
    calls = 0 if settings.telephony.agi_port is None else min(MOST_CALLS, places // 2)
    return Room(min(MOST_CONNECTIONS, places - calls), calls)


def listen(settings: Settings, port: int, option: str = "--port") -> socket.socket:
    """Bind before anything else starts, so that a taken port costs nothing. Raises Complaint for one somebody else has."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Whoever takes nothing of an answer, or is gone without a word, is hung up on by the kernel.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
    try:
        listening.bind((settings.host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise Complaint(_why_not(error, settings.host, port, option)) from None
    return listening


def listen_for_calls(settings: Settings) -> socket.socket | None:
    """The same for FastAGI, None where no port is set."""
    port = settings.telephony.agi_port
    return None if port is None else listen(settings, port, "--agi-port")


def _why_not(error: OSError, host: str, port: int, option: str) -> str:
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken: stop what uses it, or choose another with {option}"
    if error.errno == errno.EACCES:
        return f"{where} may not be used by this user: choose a port above 1023 with {option}"
    return f"{where} cannot be used ({error.strerror}): look at {option} and CONTACT_HOST"
