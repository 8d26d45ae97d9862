"""YAML text becomes a tree in which every node knows its place; what readers disagree about is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import yaml

from strategies.problems import NO_HINT, Hint, Problem, ProblemsFound, Where
from strategies.texts.nodes import Node, overlay
from strategies.texts.scalars import plain_value

__all__ = ["MAX_CHARACTERS", "MAX_DEPTH", "Node", "overlay", "parse_yaml", "read_yaml"]

MAX_DEPTH = 32
MAX_CHARACTERS = 1_000_000
_HOPELESS_DEPTH = 4 * MAX_DEPTH
"""Here reading ends: the parser's time grows with the square of the depth, and it lets nothing else run meanwhile."""

_TAB = re.compile("\\t")
_REFUSED = re.compile(
    "[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\xad\\u2028\\u2029\\ud800-\\udfff\\ufeff\\ufffe\\uffff"
    "\\u200b\\u2060\\u202a-\\u202e\\u2066-\\u2069]"
)
"""What YAML does not carry, and what nobody sees: zero widths, soft hyphens and turned directions."""

_UNMERGED = re.compile(r"(?:[<|>]{7}(?: .*)?|={7})\r?")
"""Lines that git leaves where two versions of a file contradict one another."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str, path: str) -> Node:
    """The tree of one file's text. Raises ``ProblemsFound`` with all that is wrong with it."""
    problems: list[Problem] = []
    node = parse_yaml(text, path, problems)
    if problems or node is None:
        raise ProblemsFound(problems)
    return node


def parse_yaml(text: str, path: str, problems: list[Problem]) -> Node | None:
    """The tree of one file's text as far as it can be read; what is wrong is added to ``problems``."""
    own: list[Problem] = []
    if len(text) > MAX_CHARACTERS:
        message = f"the file has more than {MAX_CHARACTERS:,} characters"
        own.append(Problem("yaml.too_long", message, Where(path), Hint("split it")))
        node = None
    else:
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        _check_characters(text, path, own)
        node = None if any(each.code == "yaml.character" for each in own) else _parsed(text, path, own)
    problems += own
    return node


def _check_characters(text: str, path: str, problems: list[Problem]) -> None:
    """That no line holds a tab or a character that YAML does not carry."""
    for number, line in enumerate(text.split("\n"), 1):
        for kind in (_TAB, _REFUSED):
            if found := kind.search(line):
                problems.append(_refused(found.group(), Where(path, number, found.start() + 1)))


def _parsed(text: str, path: str, problems: list[Problem]) -> Node | None:
    """The tree of a text whose characters are in order; ``problems`` are those of this file alone."""
    try:
        return _Reader(text, path, problems).document()
    except yaml.MarkedYAMLError as fault:
        found = _syntax_problem(fault, text, path)
        # Where the parser stumbled, a value that seems to be missing is only an echo; after a tab, everything is.
        line = found.where.line
        problems[:] = [each for each in problems if each.code != "yaml.no_value" or each.where.line != line]
        if not any(each.code == "yaml.tab" for each in problems):
            problems.append(found)
    except _TooDeep:
        return None
    except yaml.YAMLError:
        where = Where(path, 1, 1)
        problems.append(Problem("yaml.syntax", "this is not YAML", where, Hint("save it as UTF-8 text")))
    return None


class _TooDeep(Exception):
    """So many levels are inside one another that the rest is not read; the problem is noted already."""


class _Reader:
    """Walks the parser's events once, iteratively in files and recursively to a bounded depth in values."""

    def __init__(self, text: str, path: str, problems: list[Problem]) -> None:
        self.path, self.problems = path, problems
        self.lines = text.split("\n")
        loader = _LOADER(text)
        self.events: Iterator[Any] = iter(loader.get_event, None)

    def document(self) -> Node | None:
        """The one document of the file."""
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self.problem(
                        "yaml.documents",
                        "a second document begins here",
                        event,
                        Hint("one file holds one document"),
                    )
                if event.version or event.tags:
                    self.problem(
                        "yaml.tag",
                        "a directive stands here",
                        event,
                        Hint("leave out the line that begins with %"),
                    )
            elif isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                continue
            else:
                node = self.node(event, 1)
                root = node if documents == 1 else root
        if root is None or (root.value is None and not root.text):
            self.problems[:] = [problem for problem in self.problems if problem.code != "yaml.no_value"]
            self.problems.append(
                Problem(
                    "yaml.empty",
                    "the file has no content",
                    Where(self.path, 1, 1),
                    Hint("write it or remove it"),
                )
            )
            return None
        return root

    def problem(self, code: str, message: str, event: Any, hint: Hint = NO_HINT) -> None:
        self.problems.append(Problem(code, message, self.where(event), hint))

    def where(self, event: Any) -> Where:
        mark = event.start_mark
        return Where(self.path, mark.line + 1, mark.column + 1)

    def node(self, event: Any, depth: int) -> Node:
        kind = type(event)
        if kind is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            return self.scalar(event)
        if kind is yaml.AliasEvent:
            self.problem(
                "yaml.anchor", f"'*{event.anchor}' repeats another value", event, Hint("write the value out")
            )
            return Node(None, self.where(event), text="*", broken=True)
        if event.anchor:
            self.problem(
                "yaml.anchor",
                f"'&{event.anchor}' names a value",
                event,
                Hint("write the value out where it is needed"),
            )
        if event.tag:
            self.problem(
                "yaml.tag", "a tag stands here", event, Hint("leave out the word that begins with '!'")
            )
        if kind is yaml.ScalarEvent:
            return self.scalar(event)
        if depth > MAX_DEPTH:
            self.problem(
                "yaml.depth",
                f"more than {MAX_DEPTH} levels inside one another",
                event,
                Hint("flatten the structure"),
            )
            self.skip()
            return Node(None, self.where(event), text="…", broken=True)
        if kind is yaml.SequenceStartEvent:
            return self.sequence(event, depth)
        return self.mapping(event, depth)

    def skip(self) -> None:
        """Reads past the collection that has just begun. Raises _TooDeep where that would take long."""
        open_collections = 1
        while open_collections:
            if open_collections > _HOPELESS_DEPTH:
                raise _TooDeep
            event = next(self.events)
            open_collections += isinstance(event, yaml.CollectionStartEvent)
            open_collections -= isinstance(event, yaml.CollectionEndEvent)

    def sequence(self, start: Any, depth: int) -> Node:
        nodes: list[Node] = []
        while type(event := next(self.events)) is not yaml.SequenceEndEvent:
            nodes.append(self.node(event, depth + 1))
        return Node(tuple(nodes), self.where(start), style="[")

    def mapping(self, start: Any, depth: int) -> Node:
        nodes: dict[str, Node] = {}
        keys: dict[str, Where] = {}
        while type(event := next(self.events)) is not yaml.MappingEndEvent:
            key = self.key(event, depth)
            node = self.node(next(self.events), depth + 1)
            if key is None:
                continue
            if key in nodes:
                first = keys[key].line
                self.problem(
                    "yaml.duplicate_key",
                    f"'{key}' stands here again",
                    event,
                    Hint("it stands in line %(line)s already", line=first),
                )
                continue
            nodes[key], keys[key] = node, self.where(event)
        return Node(nodes, self.where(start), style="{", keys=keys)

    def key(self, event: Any, depth: int) -> str | None:
        """The text of a key, or None where it is none; most are plain words."""
        if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            word = event.value
            if not event.style and word != "<<" and plain_value(word) == (word, None):
                return str(word)
        return self.unusual_key(event, depth)

    def unusual_key(self, event: Any, depth: int) -> str | None:
        """The text of a key that is quoted or wrong."""
        if type(event) is not yaml.ScalarEvent:
            self.node(event, depth + 1)
            if type(event) is not yaml.AliasEvent:
                self.problem("yaml.key", "a key must be text", event, Hint("write one word before the colon"))
            return None
        before = len(self.problems)
        node = self.node(event, depth)
        if event.value == "<<" and not event.style:
            self.problem("yaml.anchor", "'<<' merges another mapping", event, Hint("write the keys out"))
            return None
        if not isinstance(node.value, str):
            if len(self.problems) == before:
                self.problem(
                    "yaml.key",
                    f"the key {event.value} is not text",
                    event,
                    Hint('write "%(text)s"', text=event.value),
                )
            else:
                self.problems[before:] = [
                    self.as_key(problem, event.value) for problem in self.problems[before:]
                ]
            return None
        if not node.value:
            self.problem("yaml.key", "a key is empty", event, Hint("write one word before the colon"))
            return None
        return node.value

    @staticmethod
    def as_key(problem: Problem, text: str) -> Problem:
        """A scalar's problem, said of a key."""
        if problem.code in ("yaml.number", "yaml.word"):
            return Problem(
                "yaml.key", f"the key {text} is not text", problem.where, Hint('write "%(text)s"', text=text)
            )
        if problem.code == "yaml.no_value":
            return Problem(
                "yaml.key", "a key is empty", problem.where, Hint("write one word before the colon")
            )
        return problem

    def scalar(self, event: Any) -> Node:
        text, where = event.value, self.where(event)
        # The text's own characters are in order; only an escape in double quotes can bring in others.
        if event.style == '"' and (found := _REFUSED.search(text.replace("\n", ""))):
            self.problems.append(_refused(found.group(), where))
        start, end = event.start_mark, event.end_mark
        if event.style:
            return Node(text, where, text, True, event.style, lines=self.text_lines(event))
        lines = ((0, where),) if start.line == end.line else self.text_lines(event)
        value, fault = plain_value(text)
        if fault:
            self.problems.append(Problem(fault[0], fault[1], where, fault[2]))
        return Node(value, where, text, broken=fault is not None, lines=lines)

    def text_lines(self, event: Any) -> tuple[tuple[int, Where], ...]:
        """Where the lines of a scalar stand, as far as its text still shows them."""
        first, last = event.start_mark.line, event.end_mark.line
        if first == last:
            column = event.start_mark.column + 1 + bool(event.style)
            return ((0, Where(self.path, first + 1, column)),)
        if event.style == "|":
            indent = next((_indent(line) for line in self.lines[first + 1 : last + 1] if line.strip()), 0)
            starts = accumulate((len(line) + 1 for line in event.value.split("\n")), initial=0)
            return tuple(
                (start, Where(self.path, first + 2 + number, indent + 1))
                for number, start in enumerate(starts)
            )
        column = event.start_mark.column + 1 + bool(event.style)
        found = [(0, Where(self.path, first + 1, column))]
        if event.style == ">":
            return ()
        offset = 0
        for number in range(first + 1, last + 1):
            before = self.lines[number - 1][column - 1 :] if number == first + 1 else self.lines[number - 1]
            offset += len(before.strip()) + 1
            found.append((offset, Where(self.path, number + 1, _indent(self.lines[number]) + 1)))
        return tuple(found)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _syntax_problem(fault: yaml.MarkedYAMLError, text: str, path: str) -> Problem:
    """What the parser stumbled over, placed where a person has to look: at a quote that nothing closes, not at the end."""
    said, context, opened = fault.problem or "", fault.context or "", fault.context_mark
    unclosed = "quoted scalar" in context and "end of stream" in said
    mark = opened if unclosed else fault.problem_mark or opened
    where = Where(path, mark.line + 1, mark.column + 1) if mark else Where(path)
    lines = text.split("\n")
    for line in (opened.line if opened else 0, where.line - 1):
        if _UNMERGED.fullmatch("".join(lines[line : line + 1])):
            place = Where(path, line + 1, 1)
            return Problem(
                "yaml.syntax", "two versions of the file were not merged here", place, Hint("keep one")
            )
    if unclosed:
        return Problem("yaml.syntax", "this is not YAML: this quote is not closed", where, Hint("close it"))
    message = f"this is not YAML: {said}"
    if opened and "flow" in context:
        message += f" for what opens at {opened.line + 1}:{opened.column + 1}"
    return Problem("yaml.syntax", message, where, _syntax_hint(said))


def _syntax_hint(said: str) -> Hint:
    """What usually mends a syntax error of YAML."""
    if "mapping values are not allowed" in said:
        return Hint('quote a text that contains ": "')
    if "cannot start any token" in said:
        return Hint("quote a text that begins with a special character")
    if "block end" in said or "block mapping" in said or "indentation" in said:
        return Hint("check the indentation of this line and the one above")
    if "expected ',' or" in said:
        return Hint("quote a value within {} or [] that holds a comma; else check brackets and quotes")
    return Hint("check brackets, quotes and indentation near here")


def _refused(character: str, where: Where) -> Problem:
    """The problem of a character that YAML does not carry, or that breaks lines unseen."""
    if character == "\t":
        return Problem("yaml.tab", "a tab stands here", where, Hint("use spaces"))
    return Problem(
        "yaml.character", f"the character U+{ord(character):04X} cannot stand here", where, Hint("remove it")
    )
