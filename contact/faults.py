"""Faults: the world failed, or we have a bug. A docstring here is the message a person reads."""

from __future__ import annotations


class Fault(Exception):
    """Something went wrong inside the service."""

    status = 500
    code = "fault"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(detail or (self.__doc__ or "").strip())


class StoreUnavailable(Fault):
    """The database cannot be reached; nothing was changed. Try again shortly."""

    status = 503
    code = "store_unavailable"


class StoreDamaged(StoreUnavailable):
    """The database's file is damaged; nothing was changed. Whoever runs the service must stop it and bring a backup back."""


class JournalUnavailable(StoreUnavailable):
    """The journal of opt-outs cannot be written: its disk is full or broken. Nothing was changed; try again shortly."""


class Crowded(Fault):
    """Too many ask for this at once; nothing was looked at. Try again in a moment."""

    status = 503
    code = "overloaded"


class GatewayRefused(Fault):
    """The gateway provably did not take the message. ``passing`` says whether it may take it later."""

    status = 502
    code = "gateway_refused"

    def __init__(self, detail: str = "", *, passing: bool = False) -> None:
        super().__init__(detail)
        self.passing = passing


class GatewayAmbiguous(Fault):
    """Nobody can say whether the gateway took the message; it counts and is not sent again by itself."""

    status = 502
    code = "gateway_ambiguous"


class NotFound(Fault):
    """There is no such thing here."""

    status = 404
    code = "not_found"


class Conflict(Fault):
    """Somebody or something else got there first; read again and decide anew."""

    status = 409
    code = "conflict"


class LeaseLost(Conflict):
    """This task is no longer yours: its lease lapsed or it was moved."""

    code = "lease_lost"


class Forbidden(Fault):
    """This key may not do that."""

    status = 403
    code = "forbidden"


class ModelBroken(Fault):
    """A model file is not as it was written: its hash or signature does not fit. Train again or roll back."""

    code = "model_broken"


class SealBroken(Fault):
    """A sealed name or number does not open: it was changed, or CONTACT_HOME/secret is not the one it was sealed by."""

    code = "seal_broken"


class TooManyCards(Fault):
    """This person has looked at as many customers' cards today as one person may."""

    status = 429
    code = "too_many_cards"
