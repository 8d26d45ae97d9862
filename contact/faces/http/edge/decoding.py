"""From bytes and query strings to checked structs; every fault is a located 400 that repeats no value."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec
from multidict import MultiDict, MultiMapping

from contact.faces.http.bodies.bodies import ID_PATTERN
from contact.faces.http.edge import scan
from contact.faces.http.edge.problems import ProblemPlace, RequestProblem, at_body, at_parameter

T = TypeVar("T", bound=msgspec.Struct)

EARLIEST_YEAR, LATEST_YEAR = 2000, 2099
MOST_FIELDS = 50
_TIMES = ("at", "until", "to", "since", "split")
"""Every field of a body or query that holds an instant."""
_BRIEF_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})")
_ID = re.compile(ID_PATTERN)
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_PLACED = re.compile(r"(?P<what>.*?)(?: - at (?P<key>`key` in )?`(?P<path>[^`]*)`)?", re.DOTALL)
_TYPES = {
    "int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "array": "a list",
    "object": "an object",
}  # fmt: skip
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`")


class _Unclean(Exception):
    """A hook met a duplicate key or a bad number; the scanner finds out where."""


def decode_json(raw: bytes, shape: type[T]) -> T:
    """The struct a JSON body holds. Raises RequestProblem."""
    text = _text_of(raw)
    try:
        tree = _DECODER.decode(text)
    except RecursionError:
        raise at_body("too_deep", "is nested too deeply; send it flat, as /openapi.json says") from None
    except _Unclean:
        _refuse_unclean(text)
    except json.JSONDecodeError as error:
        said = "More stands behind the object" if error.msg == "Extra data" else error.msg
        message = f"{said}; send one JSON object"
        raise at_body("malformed_json", message, line=error.lineno, column=error.colno) from None
    if _SUSPECT_ESCAPE.search(text) and scan.first_fault(text):
        _refuse_unclean(text)
    if not isinstance(tree, dict):
        raise at_body("not_an_object", "must be one JSON object, as /openapi.json says")
    return as_struct(tree, shape)


def as_struct(tree: Mapping[str, Any], shape: type[T], *, parameters: str | None = None) -> T:
    """The struct of a tree of plain values; ``parameters`` is the code under which query or form texts are refused.

    Raises RequestProblem with the place, never with the value.
    """
    try:
        found = msgspec.convert(_with_seconds(tree), shape, strict=parameters is None)
    except msgspec.ValidationError as error:
        raise _explained(str(error), shape, parameters) from None
    for name in found.__struct_fields__:
        value = getattr(found, name)
        if parameters and isinstance(value, datetime) and str(tree.get(name)).isdigit():
            raise at_parameter(
                "invalid_parameter", name, "must be ISO 8601 with offset, not a count of seconds"
            )
        if parameters and name in tree and (odd := _misread(value, str(tree[name]))):
            raise at_parameter(parameters, name, odd)
        if isinstance(value, datetime) and not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
            message = f"must lie in {EARLIEST_YEAR}–{LATEST_YEAR}"
            if parameters:
                raise at_parameter(parameters, name, message)
            place = ProblemPlace(message=message, pointer=f"/{name}")
            raise RequestProblem("bad_time", f"/{name}: {message}", errors=[place])
    return found


def _misread(value: object, text: str) -> str:
    """What to write where a parameter's text was taken for more than it says: ``1e1`` for 10, ``null`` for nothing."""
    if value is None:
        return "must be left out where there is nothing to say"
    if isinstance(value, int) and not isinstance(value, bool) and str(value) != text:
        return "must be a whole number, in digits alone"
    return ""


def _with_seconds(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """ISO 8601 lets the seconds out, msgspec does not: ``2026-03-02T10:00+08:00``. Other texts stay as they are."""
    brief: dict[str, Any] = {
        name: f"{value[:16]}:00{value[16:]}"
        for name in _TIMES
        if isinstance(value := tree.get(name), str) and _BRIEF_TIME.fullmatch(value)
    }
    for name, value in tree.items():
        if isinstance(value, list) and any(isinstance(each, dict) for each in value):
            brief[name] = [_with_seconds(each) if isinstance(each, dict) else each for each in value]
    return {**tree, **brief} if brief else tree


def decode_query(given: MultiMapping[str], shape: type[T] | None) -> T | None:
    """The query as its struct, None where the route takes none. Raises RequestProblem."""
    known = tuple(field.encode_name for field in msgspec.structs.fields(shape)) if shape else ()
    seen: dict[str, str] = {}
    for name, value in given.items():
        if name not in known:
            allowed = (
                f"only {', '.join(known)} may stand here" if known else "this address takes no parameters"
            )
            raise at_parameter("unknown_parameter", scan.shown_name(name), allowed)
        if name in seen:
            raise at_parameter("repeated_parameter", name, "may stand once")
        if scan.is_broken_text(value):
            raise at_parameter("invalid_parameter", name, "holds a NUL or half a character; take it out")
        seen[name] = value
    return as_struct(seen, shape, parameters="invalid_parameter") if shape else None


def decode_form(raw: bytes, shape: type[T]) -> T:
    """The struct of a form as browsers submit it. Raises RequestProblem; what is no UTF-8 is refused with its field."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="surrogateescape"
        )
    except ValueError:
        raise RequestProblem(
            "bad_form", "The form is not as browsers submit it; send names and values."
        ) from None
    found = decode_query(MultiDict(pairs), shape)
    assert found is not None  # there is a shape
    return found


def checked_ids(given: Mapping[str, str]) -> dict[str, str]:
    """The ids of a path. Raises RequestProblem where one is not well formed."""
    for name, value in given.items():
        if not _ID.search(value):
            raise at_parameter("bad_id", name, "must be 1–64 of A–Z a–z 0–9 . _ -")
    return dict(given)


def _text_of(raw: bytes) -> str:
    if not raw:
        raise at_body("malformed_json", "is empty; send one JSON object")
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw[:4]:
        raise at_body("not_utf8", "send UTF-8 without a byte order mark", line=1, column=1)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise at_body("not_utf8", "this byte is not UTF-8; send UTF-8", line=line, column=column) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise _Unclean
    return tree


def _integer(word: str) -> int:
    if scan.is_bad_number(word):
        raise _Unclean
    return int(word)


def _real(word: str) -> float:
    if scan.is_bad_number(word):
        raise _Unclean
    return float(word)


def _constant(_word: str) -> NoReturn:
    raise _Unclean


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=_constant
)


def _refuse_unclean(text: str) -> NoReturn:
    fault = scan.first_fault(text)
    if fault is None:
        raise at_body("malformed_json", "is not plain JSON; send one JSON object")
    place = ProblemPlace(message=fault.message, pointer=fault.pointer, line=fault.line, column=fault.column)
    detail = f"line {fault.line}, column {fault.column}: {fault.message}"
    raise RequestProblem(fault.code, detail, errors=[place])


def _explained(words: str, shape: type[msgspec.Struct], parameters: str | None) -> RequestProblem:
    """msgspec's message as a problem: its place, and what is permitted there instead of what was sent."""
    match = _PLACED.fullmatch(words)
    what, path = (match["what"], match["path"] or "$") if match else (words, "$")
    pointer = re.sub(r"[.\[]", "/", path.removeprefix("$").replace("[...]", "/…")).replace("]", "")
    if match and match["key"]:
        return _placed("invalid_value", pointer, "has a key that is not a_lower_case_word", parameters)
    if unknown := _UNKNOWN.fullmatch(what):
        names = [field.encode_name for field in msgspec.structs.fields(shape)] if pointer == "" else []
        near = difflib.get_close_matches(unknown["name"][:64], names, n=1)
        known = f"; known here: {', '.join(names)}" if names else ""
        meant = f"; did you mean {near[0]}?" if near else ""
        pointer = f"{pointer}/{scan.shown_name(unknown['name'])}"
        return _placed("unknown_field", pointer, f"is not known{meant}{known}", parameters)
    if missing := _MISSING.fullmatch(what):
        return _placed("missing_field", f"{pointer}/{missing['name']}", "is required", parameters)
    if what.endswith("encoded date"):
        return _placed("invalid_value", pointer, "must be a day, as 2026-03-02", parameters)
    code = "bad_time" if "datetime" in what or "RFC3339" in what else "invalid_value"
    return _placed(code, pointer, _permitted(what, pointer, shape), parameters)


def _permitted(what: str, pointer: str, shape: type[msgspec.Struct]) -> str:
    name, *rest = pointer.removeprefix("/").split("/")
    for field in msgspec.structs.fields(shape):
        if field.encode_name == name:
            schema = msgspec.json.schema(field.type)
            if rest and rest[0].isdigit():
                schema = next(
                    (each["items"] for each in (schema, *schema.get("anyOf", ())) if "items" in each), schema
                )
            options = [schema, *schema.get("anyOf", ())]
            choices = [str(choice) for option in options for choice in option.get("enum", ())]
            described = next((option["description"] for option in options if "description" in option), None)
            if choices:
                return f"must be one of {', '.join(choices)}"
            if described and "of length" in what and not any(sign.isdigit() for sign in described):
                return f"must be {described}: {_in_plain_words(what).removeprefix('must be ')}"
            if described:
                return f"must be {described}"
    if what.startswith(("Invalid enum value", "Expected `str` matching")):
        return "is not permitted"
    return _in_plain_words(what)


def _in_plain_words(what: str) -> str:
    """What msgspec says of types, as somebody reads it who does not know Python: ``must be a whole number, not a text``."""
    wanted, _, got = what.removeprefix("Expected ").partition(", got ")
    got = f", not {got}" if got and wanted != got else ""
    return re.sub(r"`([^`]*)`", _named, f"must be {wanted}{got}")


def _named(quoted: re.Match[str]) -> str:
    names = [_TYPES.get(name, name) for name in quoted[1].split(" | ")]
    return " or ".join(names)


def _placed(code: str, pointer: str, message: str, parameters: str | None) -> RequestProblem:
    if parameters:
        return at_parameter(parameters, pointer.removeprefix("/"), message)
    place = ProblemPlace(message=message, pointer=pointer)
    return RequestProblem(code, f"{pointer or 'the body'}: {message}", errors=[place])
