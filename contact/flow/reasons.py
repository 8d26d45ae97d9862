"""Acts that need a reason on record."""

from __future__ import annotations

from strategies.problems import Hint, Problem, ProblemsFound, Where


def need_reason(why: str, message: str, example: str) -> None:
    """Raises ProblemsFound where nobody said why."""
    if not why.strip():
        raise ProblemsFound(
            [
                Problem(
                    "value.empty",
                    message,
                    Where("request"),
                    Hint('for example "%(example)s"', example=example),
                )
            ]
        )
