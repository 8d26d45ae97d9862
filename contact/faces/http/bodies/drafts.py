"""What strategists send: drafts, texts to check, reasons to publish."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contact.faces.http.bodies.bodies import Body, When

FilePath = Annotated[str, Meta(min_length=1, max_length=400, description="a file's path below config/")]
Text = Annotated[str, Meta(max_length=2_000_000, description="a file as it was typed")]
Texts = Annotated[dict[FilePath, Text], Meta(min_length=1, max_length=5000)]
Typed = Annotated[dict[FilePath, Text | None], Meta(max_length=5000)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="a hash as last answered")]
Side = Annotated[
    str, Meta(min_length=1, max_length=64, description="a draft, a version or its beginning, or live")
]
Why = Annotated[str, Meta(min_length=1, max_length=500, description="a reason of up to 500 characters")]


class CheckBody(Body, frozen=True, kw_only=True):
    """A full set of texts to check; ``only`` leaves out what is said of other files, ``base`` asks today's customers too."""

    texts: Texts
    only: FilePath | None = None
    base: bool = False


class DraftBody(Body, frozen=True, kw_only=True):
    """A draft of these texts, by default of those in force."""

    title: Annotated[str, Meta(max_length=200)] = ""
    texts: Texts | None = None


class DraftsQuery(Body, frozen=True, kw_only=True):
    """Which drafts; ``closed``: published and discarded ones too."""

    closed: bool = False


class FileQuery(Body, frozen=True, kw_only=True):
    """Which file of a draft."""

    path: FilePath


class FileBody(Body, frozen=True, kw_only=True):
    """A file as typed (null removes it), and the hash it had when it was read (null: it was not there)."""

    path: FilePath
    text: Text | None
    seen: Hash | None


class DraftCheckBody(Body, frozen=True, kw_only=True):
    """Files as they are being typed, laid over the draft and not saved (null: removed); ``only`` and ``base`` as above."""

    only: FilePath | None = None
    typed: Typed = msgspec.field(default_factory=dict)
    base: bool = False


class MergeBody(Body, frozen=True, kw_only=True):
    """For each file in conflict what it shall be (null: removed)."""

    resolved: Typed = msgspec.field(default_factory=dict)


class ApprovalBody(Body, frozen=True, kw_only=True):
    """The draft's hash as the person who approves saw it."""

    seen: Hash


class DraftPublishBody(Body, frozen=True, kw_only=True):
    """Why, and when if not now."""

    why: Why
    at: When | None = None


class RollBackBody(Body, frozen=True, kw_only=True):
    """Which version shall be in force again, by default the one before, and why."""

    why: Why
    version: Hash | None = None


class DiffQuery(Body, frozen=True, kw_only=True):
    """Two playbooks; ``old`` left out is the one in force."""

    new: Side
    old: Side | None = None
