"""What flow needs of imported lists of customers."""

from __future__ import annotations

from typing import Protocol

from contact.domain.selection_answers import ListAnswer


class ListPort(Protocol):
    """Lists of customers that an operator delivers; conditions read them as ``contains(lists, 'name')``."""

    async def take(
        self, name: str, path: str, *, id_column: str, sheet: str | None = None, author: str = ""
    ) -> ListAnswer:
        """Take a CSV or XLSX file in as the list of this name, in place of what it held.

        Rows whose customer is not on file are set aside, each with its reason. Raises ProblemsFound where the file cannot
        be read or holds nobody, NotFound before the first import of customers.
        """
        ...

    async def lists(self) -> list[ListAnswer]:
        """Every list, by name."""
        ...

    async def remove(self, name: str) -> None:
        """Raises NotFound."""
        ...
