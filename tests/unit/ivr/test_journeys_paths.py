"""Sankey, transitions and commonest paths: nothing is lost, nothing counted twice."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ivr.call import CallOutcome
from ivr.call_columns import CallColumns, columns_of
from ivr.journeys_paths import END, OTHER, commonest_paths, transitions, unrolled
from tests.unit.ivr.journeys_made import call

NODES = [f"n{number}" for number in range(12)]
OUTCOMES: list[CallOutcome] = ["reached", "agent", "abandoned", "opted_out"]
WAYS = st.lists(
    st.tuples(st.lists(st.sampled_from(NODES), min_size=1, max_size=9), st.sampled_from(OUTCOMES)),
    max_size=30,
)


def made(ways: list[tuple[list[str], CallOutcome]]) -> CallColumns:
    """Calls of these nodes."""
    return columns_of(
        call(str(number), " ".join(f"{node}:1:1" for node in nodes), outcome)
        for number, (nodes, outcome) in enumerate(ways)
    )


@given(WAYS)
def test_what_comes_to_a_place_leaves_it_unless_calls_end_there(
    ways: list[tuple[list[str], CallOutcome]],
) -> None:
    """Every column holds what the links before it bring and gives what the links after it take."""
    found = unrolled(made(ways))
    coming, leaving = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for link in found.links:
        leaving[link.step, link.source] += link.calls
        coming[link.step + 1, link.target] += link.calls
    for column in found.columns:
        for stop in column:
            if stop.step > 1:
                assert coming[stop.step, stop.node] == stop.calls
            if not stop.node.startswith(END) and stop.step < 6:
                assert leaving[stop.step, stop.node] == stop.calls
    assert sum(stop.calls for stop in (found.columns[0] if found.columns else ())) == len(ways)


@given(WAYS)
def test_a_step_shows_eight_nodes_at_most_and_the_rest_as_one(
    ways: list[tuple[list[str], CallOutcome]],
) -> None:
    """More than that nobody can read; six steps, then ends only."""
    found = unrolled(made(ways))
    assert len(found.columns) <= 7
    for column in found.columns:
        nodes = [stop.node for stop in column if not stop.node.startswith(END)]
        assert len(nodes) <= 9 and (OTHER in nodes) == (len(nodes) == 9)
    assert all(stop.node.startswith(END) for stop in (found.columns[6] if len(found.columns) == 7 else ()))


@given(WAYS)
def test_transitions_hold_every_stay_once(ways: list[tuple[list[str], CallOutcome]]) -> None:
    """Each stay is followed by one thing, so rows sum to stays."""
    found = transitions(made(ways))
    stays = Counter(node for nodes, _ in ways for node in nodes)
    assert {source: sum(row) for source, row in zip(found.sources, found.counts, strict=True)} == stays


def test_stays_in_a_row_at_one_place_are_one_in_a_path_and_two_in_the_matrix() -> None:
    """A time-out is no step of the way, but the matrix shows it."""
    silent = columns_of([call("a", "main:-:5 main:1:5 bills:-:1", "abandoned")])
    assert commonest_paths(silent)[0].nodes == ("main", "bills")
    found = transitions(silent)
    row = dict(zip(found.targets, found.counts[found.sources.index("main")], strict=True))
    assert (row["main"], row["bills"], row[f"{END}abandoned"]) == (1, 1, 0)


def test_the_commonest_paths_are_told_apart_by_their_end() -> None:
    """Twice to the answer, once given up at the same place."""
    calls = [
        call("a", "main:1:4 bills:-:2"),
        call("b", "main:1:6 bills:-:2"),
        call("c", "main:1:1 bills:-:1", "abandoned"),
    ]
    first, second = commonest_paths(columns_of(calls))
    assert (first.nodes, first.end, first.calls, first.seconds) == (("main", "bills"), "reached", 2, 7.0)
    assert (second.end, second.calls, second.share) == ("abandoned", 1, 1 / 3)


def test_a_call_that_goes_on_beyond_the_last_column_ends_nowhere_in_the_picture() -> None:
    """Its end would stand where other calls ended."""
    long = columns_of([call("a", " ".join(f"n{number}:1:1" for number in range(8)))])
    ends = [stop for column in unrolled(long).columns for stop in column if stop.node.startswith(END)]
    assert ends == [] and len(unrolled(long).columns) == 6
