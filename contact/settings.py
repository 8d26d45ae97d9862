"""Process settings: ``CONTACT_*`` variables with defaults that work on one machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar


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
