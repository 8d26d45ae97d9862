"""One proof in a process of its own: ``python -m tests.faults G1 sqlite short|long FILE`` writes its row to the file."""

from __future__ import annotations

import json
import sys
import time
import traceback
from pathlib import Path

from tests.faults.catalogue import PROOFS
from tests.faults.place import Kind, Place
from tests.faults.row import Row


def prove(promise: str, kind: Kind, *, long: bool) -> Row:
    """The row of a proof; one that ends in an error shows nothing and says so."""
    began = time.monotonic()
    place = Place(kind, long)
    try:
        row = PROOFS[promise].load()(place)
    except Exception as error:
        traceback.print_exc()
        row = Row(promise, kind, thin=f"the proof itself broke: {type(error).__name__}: {error}"[:300])
    row.seconds = time.monotonic() - began
    if row.kept:
        place.away()
    return row


if __name__ == "__main__":
    promise, kind, size, file = sys.argv[1:]
    assert kind == "sqlite" or kind == "postgresql"
    row = prove(promise, kind, long=size == "long")
    Path(file).write_text(json.dumps(row.as_json()))
    sys.exit(0 if row.kept else 1)
