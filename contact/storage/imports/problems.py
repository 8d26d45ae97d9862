"""The closed list of what can be wrong with a delivered file or its mapping, beside the language's own codes."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "import.file_missing": "The file or its mapping is not there.",
    "import.format": "The file is not what its name says.",
    "import.encoding": "The bytes are not text in the declared encoding.",
    "import.nul": "The file contains a NUL character.",
    "import.header": "The first row does not name every column once.",
    "import.column": "The mapping names a column that the file does not have.",
    "import.quoting": "A quote is opened, closed or placed wrongly.",
    "import.fields": "A row has more or fewer fields than the header.",
    "import.blank_row": "An empty row stands between others.",
    "import.line_end": "A line ends with a lone carriage return.",
    "import.too_long": "A line has no end, or a packed file unpacks to more than is read.",
    "import.sheet": "A workbook has no such sheet, or several and none is named.",
    "import.empty": "The file has a header and no rows; nothing is cleared by that.",
    "import.faulty_row": "A row that this kind of file must not have.",
    "import.too_many_faults": "More rows are faulty than the mapping allows.",
    "import.shrink": "The snapshot is much smaller than what it replaces.",
    "import.type_changed": "A column that is already there has another type.",
    "import.customers_first": "These rows belong to customers or lines that were not imported yet.",
    "import.nobody": "No row of a list names a customer on file.",
}
"""Code → what it says, in one sentence."""
