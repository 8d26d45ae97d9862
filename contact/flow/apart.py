"""Work in a process of its own: on another core, its memory given back at the end, ended at once where nobody waits for it.

The process is this interpreter with ``-m contact.flow.apart``. It is told by pickles on its standard input, which only we
hold, and answers by pickles on its standard output. When we die, even by kill -9, its input ends and so does it.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, BinaryIO

from contact.faults import Fault
from contact.flow.progress import Progress, say
from strategies.problems import ProblemsFound

_LENGTH = struct.Struct(">Q")
_Said = tuple[str, Any]


class Apart:
    """One such process, doing what it is told one after the other; an object made in it may live between two calls."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    @classmethod
    async def start(cls) -> Apart:
        """A process that waits for its first call. End it: ``async with await Apart.start() as process``."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "contact.flow.apart", stdin=pipe, stdout=pipe,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
        )  # fmt: skip
        return cls(process)

    async def __aenter__(self) -> Apart:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def call(
        self, function: Callable[..., Any], *arguments: Any, progress: Progress | None = None, **options: Any
    ) -> Any:
        """What ``function(*arguments, said=…, **options)`` answers there; ``said(done, total, words)`` comes out here.

        The function stands at the top of a module; arguments and answer are pickled. Raises what the function raised, if
        that is ProblemsFound or a Fault; a Fault where the process failed or died. A cancelled call ends the process.
        """
        async with self._turn:
            try:
                await self._tell((function, arguments, options))
                return await self._answer(progress)
            except asyncio.CancelledError:
                await self.end()
                raise

    async def end(self) -> None:
        """Kill it; it holds nothing that would have to be put in order."""
        if self._process.returncode is None:
            try:
                self._process.kill()
            except ProcessLookupError:
                return
        await self._process.wait()

    async def _tell(self, message: Any) -> None:
        assert self._process.stdin is not None
        content = await asyncio.to_thread(pickle.dumps, message, pickle.HIGHEST_PROTOCOL)
        try:
            self._process.stdin.write(_LENGTH.pack(len(content)))
            self._process.stdin.write(content)
            await self._process.stdin.drain()
        except ConnectionError:
            raise await self._died() from None

    async def _answer(self, progress: Progress | None) -> Any:
        assert self._process.stdout is not None
        while True:
            try:
                (length,) = _LENGTH.unpack(await self._process.stdout.readexactly(_LENGTH.size))
                content = await self._process.stdout.readexactly(length)
            except asyncio.IncompleteReadError:
                raise await self._died() from None
            what, said = await asyncio.to_thread(pickle.loads, content)
            if what == "said":
                await say(progress, *said)
            elif what == "raised":
                raise said
            else:
                return said

    async def _died(self) -> Fault:
        return Fault(f"a process of ours ended with exit code {await self._process.wait()}")


def _serve(commands: BinaryIO, answers: BinaryIO) -> None:
    """Do what is told until nobody tells anything any more."""
    told: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(commands, told), daemon=True).start()

    def tell(message: _Said) -> None:
        content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        answers.write(_LENGTH.pack(len(content)) + content)
        answers.flush()

    while True:
        tell(_done(told.get(), lambda *said: tell(("said", said))))


def _done(content: bytes, said: Callable[[int, int | None, str], None]) -> _Said:
    """Anything but problems and faults is a bug of ours and ends the process."""
    try:
        function, arguments, options = pickle.loads(content)
        return "answered", function(*arguments, said=said, **options)
    except ProblemsFound as found:
        return "raised", ProblemsFoundThere(found.problems)
    except Fault as fault:
        return "raised", fault


class ProblemsFoundThere(ProblemsFound):
    """Problems that were found in the process: the same, but they survive the way through a pipe."""

    def __reduce__(self) -> tuple[Any, ...]:
        return ProblemsFound, (self.problems,)


def _listen(commands: BinaryIO, told: SimpleQueue[Any]) -> None:
    """Hand on what is told; the end of our input is the end of whoever wanted the work."""
    while len(head := commands.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        content = commands.read(length)
        if len(content) < length:
            break
        told.put(content)
    os._exit(0)


def main() -> None:
    """The process's own beginning: what anybody prints goes to standard error, so that answers stay whole."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is our parent's, who ends us
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Not the interpreter's own reader, which an exception's way out would wait for: somebody always reads it.
    _serve(os.fdopen(os.dup(sys.stdin.fileno()), "rb", closefd=False), answers)


if __name__ == "__main__":
    main()
