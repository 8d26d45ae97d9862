"""Process settings: ``CONTACT_*`` variables with defaults that work on one machine."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar

Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


@dataclass(frozen=True, slots=True)
class Telephony:
    """How telephone systems are spoken with."""

    agi_port: int | None = None
    """``CONTACT_AGI_PORT``: where Asterisk's FastAGI connects to, at the service's host; None: nowhere."""
    agi_peers: tuple[Network, ...] = LOOPBACK
    """``CONTACT_AGI_PEERS``: networks from which it may."""
    agi_speech: tuple[str, str] | None = None
    """``CONTACT_AGI_SPEECH``: application of the dialplan that speaks texts, and its arguments; None: recordings only."""
    recordings_url: str | None = None
    """``CONTACT_RECORDINGS_URL``: where VoiceXML browsers find recordings; None: texts are spoken."""
    agents_uri: str | None = None
    """``CONTACT_AGENTS_URI``: where VoiceXML browsers transfer callers to; None: the platform does."""
    caller_region: str | None = None
    """``CONTACT_CALLER_REGION``: by whose numbering plan callers' numbers without a plus are read."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Telephony:
        """Settings read from the environment. Raises ``ValueError`` that names the variable."""
        port = "CONTACT_AGI_PORT"
        return cls(
            agi_port=_number(environment, port, 0, int, 1) if environment.get(port) else None,
            agi_peers=_networks(environment, "CONTACT_AGI_PEERS", LOOPBACK),
            agi_speech=_application(environment, "CONTACT_AGI_SPEECH"),
            recordings_url=_pattern(environment, "CONTACT_RECORDINGS_URL", "{file}"),
            agents_uri=_pattern(environment, "CONTACT_AGENTS_URI", "{queue}"),
            caller_region=_region(environment, "CONTACT_CALLER_REGION"),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this process finds its stores and how it behaves. Every field has its heading in docs/settings.md."""

    home: Path
    """``CONTACT_HOME``: folder of all files the service writes (database, generations, set-aside rows)."""
    database_url: str
    """``CONTACT_DATABASE_URL``: ``sqlite:///PATH`` or ``postgresql://…``; default SQLite in home."""
    redis_url: str | None
    """``CONTACT_REDIS_URL``; None starts the bundled Valkey."""
    host: str
    """``CONTACT_HOST``."""
    port: int
    """``CONTACT_PORT``."""
    sms_url: str | None
    """``CONTACT_SMS_URL``: where the SMS gateway takes messages; None leaves SMS tasks waiting."""
    demo: bool
    """``CONTACT_DEMO=1`` or ``--demo``: the store's clock may be moved; every answer says simulated time."""
    lease_seconds: float
    """``CONTACT_LEASE_SECONDS``: how long a pulled task is held before it returns."""
    public_url: str | None = None
    """``CONTACT_PUBLIC_URL``: where gateways and people reach this service; None: host and port as they are."""

    journal: Path | None = None
    """``CONTACT_JOURNAL``: folder of the journal of opt-outs; None: ``journal`` in home."""
    anchor: str | None = None
    """``CONTACT_ANCHOR``: file or URL that keeps the heads of the audit trail; None: a file in home."""
    otlp_url: str | None = None
    """``CONTACT_OTLP_URL``: OpenTelemetry collector that takes traces; None: none are made."""
    answers_url: str | None = None
    """``CONTACT_ANSWERS_URL``: who knows answers to fetch before they are asked for; None: menus alone."""

    telephony: Telephony = Telephony()

    def make_home(self) -> None:
        """The folder of the store, for its own user alone: facts and notes lie there in clear. Raises ValueError."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"CONTACT_HOME cannot be made at {self.home} ({error.strerror})") from None

    @property
    def anchor_target(self) -> str:
        """Where the heads of the audit trail are kept."""
        return self.anchor or str(self.home / "anchors" / "heads.jsonl")

    @property
    def journal_folder(self) -> Path:
        """Where opt-outs are written down before they are acknowledged."""
        return self.journal or self.home / "journal"

    @property
    def address_file(self) -> Path:
        """Where a running service says at which address it answers."""
        return self.home / "run" / "address"

    @property
    def own_url(self) -> str:
        """Where this service is reached, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings read from the environment. Raises ``ValueError`` that names the variable."""
        home = Path(environment.get("CONTACT_HOME", "var/contact")).absolute()
        return cls(
            home=home,
            database_url=environment.get("CONTACT_DATABASE_URL", f"sqlite:///{home}/contact.db"),
            redis_url=environment.get("CONTACT_REDIS_URL") or None,
            host=environment.get("CONTACT_HOST", "127.0.0.1"),
            port=_number(environment, "CONTACT_PORT", 8080, int, 0),
            sms_url=environment.get("CONTACT_SMS_URL") or None,
            demo=environment.get("CONTACT_DEMO", "") == "1",
            lease_seconds=_number(environment, "CONTACT_LEASE_SECONDS", 120.0, float, 0),
            public_url=environment.get("CONTACT_PUBLIC_URL") or None,
            journal=Path(told).absolute() if (told := environment.get("CONTACT_JOURNAL")) else None,
            anchor=environment.get("CONTACT_ANCHOR") or None,
            otlp_url=environment.get("CONTACT_OTLP_URL") or None,
            answers_url=environment.get("CONTACT_ANSWERS_URL") or None,
            telephony=Telephony.from_environment(environment),
        )


_N = TypeVar("_N", int, float)


def _number(environment: Mapping[str, str], name: str, default: _N, kind: type[_N], least: int) -> _N:
    text = environment.get(name)
    if text is None:
        return default
    try:
        number = kind(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}") from None
    if not number >= least:
        raise ValueError(f"{name} must be at least {least}, not {text!r}")
    return number


def _networks(environment: Mapping[str, str], name: str, default: tuple[Network, ...]) -> tuple[Network, ...]:
    words = environment.get(name, "").replace(",", " ").split()
    try:
        return tuple(ip_network(word) for word in words) or default
    except ValueError:
        raise ValueError(f"{name} must be networks, as 10.1.0.0/24, with commas between") from None


def _application(environment: Mapping[str, str], name: str) -> tuple[str, str] | None:
    text = environment.get(name)
    if not text:
        return None
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9_]*)\((.*)\)", text)
    if found is None or found[2].count("{text}") != 1 or not found[2].isprintable() or len(found[2]) > 500:
        raise ValueError(
            f"""{name} must be an application with {{text}} once, as Flite("{{text}}"), not {text!r}"""
        )
    return found[1], found[2]


def _pattern(environment: Mapping[str, str], name: str, hole: str) -> str | None:
    text = environment.get(name)
    if text and hole not in text:
        raise ValueError(f"{name} must hold {hole}, not {text!r}")
    return text or None


def _region(environment: Mapping[str, str], name: str) -> str | None:
    text = environment.get(name)
    if text and not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError(f"{name} must be a country's two letters, as CN, not {text!r}")
    return text or None
