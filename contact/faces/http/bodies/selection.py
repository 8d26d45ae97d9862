"""What callers send to select customers: conditions, clusters, lists."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contact.faces.http.bodies.bodies import Body, Id, When

ConditionText = Annotated[str, Meta(min_length=1, max_length=4000, description="a condition over fields")]


class SelectionBody(Body, frozen=True, kw_only=True):
    """Whom does a condition find, and how many are left? Without ``condition`` the strategy's audience is meant."""

    condition: ConditionText | None = None
    channel: Id
    category: Id | None = None
    """Left out: the strategy's."""
    strategy: Id | None = None
    without: Annotated[tuple[ConditionText, ...], Meta(max_length=20)] = ()
    """Exclude whom one of these conditions is true of, or may be."""
    at: When | None = None
    """Ask about this instant, hours included."""


class ClustersBody(Body, frozen=True, kw_only=True):
    """By which fields to cluster, and whom."""

    fields: Annotated[list[Id], Meta(min_length=1, max_length=20)]
    k: Annotated[int, Meta(ge=2, le=20)] | None = None
    """How many clusters; null: as many as suit best."""
    when: ConditionText | None = None


class SegmentBody(Body, frozen=True, kw_only=True):
    """A selection to keep as a file of a draft."""

    segment: Id
    when: ConditionText
    title: (
        Annotated[dict[str, Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=20)] | None
    ) = None
    """By language; left out: the segment's name."""
    replace: bool = False


class ListForm(Body, frozen=True, kw_only=True):
    """A list of customers: CSV or XLSX with a column of ids."""

    name: Id
    id_column: Annotated[
        str, Meta(min_length=1, max_length=200, description="the column of the customers' ids")
    ]
    sheet: Annotated[str, Meta(max_length=200, description="of a workbook with several sheets")] = ""
    file: Annotated[
        str,
        Meta(
            description="CSV or XLSX; its name's ending says which",
            extra_json_schema={"contentMediaType": "application/octet-stream"},
        ),
    ]
    """Once received: the path it was written to."""
