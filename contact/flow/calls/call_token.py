"""The state of a call between two keys, as a signed text that the telephone's side sends back with the next key.

Nothing of a call in progress is kept in a store: whichever process hears the next key goes on with it, and a database that
is gone for a while ends no call. The text holds ids and no name or number.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from contact.faults import NotFound
from contact.ports import LinkPort
from ivr.call import Arm
from ivr.dialogue import State
from ivr.dialogue_packed import pack, unpack
from strategies.declared.menu import Menu
from strategies.problems import Hint, Problem, ProblemsFound, Where

_PURPOSE = "call"
_MOST = 4096
"""Signs of a token and bytes of what it holds; ours have about a tenth of it."""


class OfferMade(msgspec.Struct, frozen=True, array_like=True):
    """The offer that was spoken last and waits for its key."""

    decision: str
    strategy: str
    offer: str
    title: str
    task: str
    """Empty in a rehearsal, which reserves nothing."""


class OpenCall(msgspec.Struct, frozen=True, array_like=True):
    """A call and where it stands."""

    call: str
    customer: str | None
    menu: str
    version: str
    """Of the playbook whose menu it goes through to its end."""
    arm: Arm
    at: int
    unit: str | None
    segment: str | None
    number_hash: str | None
    """Of the number the call came from, where it was told."""
    offer: OfferMade | None
    dialogue: bytes
    rehearsed: bool = False
    """Only heard: nothing comes of it."""


def sign(links: LinkPort, call: OpenCall, menu: Menu, state: State) -> str:
    """The call with its state as a token."""
    packed = msgspec.structs.replace(call, dialogue=pack(menu, state))
    text = urlsafe_b64encode(zlib.compress(msgspec.msgpack.encode(packed), 9)).decode().rstrip("=")
    return f"{text}.{links.sign(_PURPOSE, text)}"


def read(links: LinkPort, token: str) -> OpenCall:
    """The call of a token of ours. Raises ProblemsFound for any other text."""
    text, _, signature = token.partition(".")
    if len(token) > _MOST or not token.isascii() or not links.is_ours(signature, _PURPOSE, text):
        raise ProblemsFound([_not_ours()])
    data = zlib.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    try:
        return msgspec.msgpack.decode(data, type=OpenCall)
    except msgspec.DecodeError:  # of an earlier release, which held other things
        raise ProblemsFound([_not_ours()]) from None


def require_call(links: LinkPort, token: str, call: str) -> None:
    """Raises ProblemsFound unless the token is ours and of this call."""
    if read(links, token).call != call:
        raise ProblemsFound([_not_ours()])


def state_of(menu: Menu, call: OpenCall) -> State:
    """Where the call stands in its menu. Raises NotFound where that cannot be read any more."""
    try:
        return unpack(menu, call.dialogue)
    except (msgspec.DecodeError, IndexError, ValueError):
        raise NotFound("this release keeps the state of a call in another form") from None


def _not_ours() -> Problem:
    hint = Hint("send `state` of the last answer unchanged")
    return Problem("reference.unknown", "this is no state of a call of ours", Where("request"), hint)
