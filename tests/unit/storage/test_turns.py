"""Writers of several processes take turns, and one that never ends its turn is named instead of waited for."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from contact.faults import StoreUnavailable
from contact.storage.databases.turns import Turns


def held(path: Path) -> int:
    """Another process's turn: a lock on the file as somebody else opened it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def is_free(path: Path) -> bool:
    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def test_a_turn_that_never_ends_is_a_fault_that_says_where_to_look(tmp_path: Path) -> None:
    """The writer gives up after its patience and names the lock file."""
    path = tmp_path / "l"
    other, turns = held(path), Turns(str(path), seconds=0.05)
    with pytest.raises(StoreUnavailable, match=r"another process has held .*/l"):
        turns.take()
    os.close(other)
    turns.close()


def test_a_turn_given_up_is_ended_when_it_comes_and_the_next_one_is_taken(tmp_path: Path) -> None:
    """Whoever gave up does not keep others out later, and can take turns again."""
    path = tmp_path / "l"
    other, turns = held(path), Turns(str(path), seconds=0.05)
    with pytest.raises(StoreUnavailable):
        turns.take()
    os.close(other)
    for thread in threading.enumerate():
        if thread.name == "store-turn":
            thread.join(5)
    assert is_free(path)
    turns.take()
    assert not is_free(path)
    turns.end()
    assert is_free(path)
    turns.close()


def test_whoever_waits_gets_the_turn_once_it_ends(tmp_path: Path) -> None:
    """A turn that ends within the patience is handed on; asking again after giving up waits for the same turn."""
    path = tmp_path / "l"
    other, turns = held(path), Turns(str(path), seconds=0.05)
    with pytest.raises(StoreUnavailable):
        turns.take()
    patient = threading.Timer(0.01, os.close, (other,))
    turns._seconds = 10
    patient.start()
    turns.take()
    assert not is_free(path)
    turns.end()
    turns.close()
