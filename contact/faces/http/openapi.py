"""The API as OpenAPI 3.1, generated from the route table and the structs it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from contact.faces.http.bodies.bodies import ID_PATTERN
from contact.faces.http.edge.once import HEADER, KEY_PATTERN
from contact.faces.http.edge.problems import CODES, MEDIA_TYPE, ProblemAnswer
from contact.faces.http.edge.reading import FORM
from contact.faces.http.edge.row import Once, Route

Json = dict[str, Any]
API_VERSION = "1.0"
_REF = "#/components/schemas/{name}"
_PROBLEM = {"$ref": "#/components/responses/Problem"}


def document(rows: Sequence[Route]) -> bytes:
    """The whole document, encoded; the same rows always give the same bytes."""
    types = _types(rows)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = dict(zip(types, schemas, strict=True))
    components["ProblemAnswer"]["properties"]["code"] = {"type": "string", "enum": sorted(CODES)}
    page: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Contact strategy",
            "version": API_VERSION,
            "description": "Whom to contact, about what, where and when, and never more often than allowed.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": _paths(rows, by_type),
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`contact key create ROLE` prints one.",
                }
            },
            "responses": {
                "Problem": {
                    "description": "Why not, with a `code` of a closed list (RFC 9457).",
                    "content": {MEDIA_TYPE: {"schema": by_type[ProblemAnswer]}},
                }
            },
        },
    }
    return msgspec.json.format(msgspec.json.encode(page), indent=1)


def _types(rows: Sequence[Route]) -> list[Any]:
    used: list[Any] = [ProblemAnswer]
    for row in rows:
        used += [each for each in (row.body, row.answer) if each is not None and each not in used]
    return used


def _paths(rows: Sequence[Route], by_type: dict[Any, Json]) -> Json:
    paths: Json = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, by_type)
    return paths


def _operation(row: Route, by_type: dict[Any, Json]) -> Json:
    described = " ".join((row.handle.__doc__ or "").split())
    operation: Json = {
        "operationId": _operation_id(row),
        "summary": row.summary,
        "description": described if row.open else f"{described} Roles: {', '.join(sorted(row.roles))}.",
        "tags": [row.tag],
        "responses": _responses(row, by_type),
    }
    if parameters := [*_path_parameters(row), *_query_parameters(row), *_header_parameters(row)]:
        operation["parameters"] = parameters
    if row.open:
        operation["security"] = []
    if row.body is not None:
        media = "multipart/form-data" if row.form else FORM if row.urlencoded else "application/json"
        operation["requestBody"] = {"required": True, "content": {media: {"schema": by_type[row.body]}}}
    return operation


def _operation_id(row: Route) -> str:
    parts = [part.strip("{}").replace("-", "_").replace(".", "_") for part in row.path.strip("/").split("/")]
    return "_".join([row.method.lower(), *(part for part in parts if part != "v1")])


def _responses(row: Route, by_type: dict[Any, Json]) -> Json:
    if row.answer is not None:
        content: Json = {"application/json": {"schema": by_type[row.answer]}}
    elif row.media == "application/json":
        content = {"application/json": {"schema": {"type": "object"}}}
    else:
        content = {row.media.partition(";")[0]: {"schema": {"type": "string"}}}
    return {
        str(row.status): {"description": row.summary, "content": content},
        **{str(status): _PROBLEM for status in statuses(row)},
        **{str(status): _problem_or(content, by_type) for status in row.refuses_in_media},
    }


def _problem_or(content: Json, by_type: dict[Any, Json]) -> Json:
    problem = {MEDIA_TYPE: {"schema": by_type[ProblemAnswer]}}
    return {
        "description": "Why not, as a problem or in the route's own form.",
        "content": {**problem, **content},
    }


def statuses(row: Route) -> list[int]:
    """Every problem status the row may answer: its own and those of its kind."""
    found = {400, 500, 503, *row.statuses}
    if not row.open:
        found |= {401, 403}
    if row.body is not None:
        found |= {408, 413, 415}
    if row.once is not Once.NO:
        found |= {409, 422}
    return sorted(found)


def _path_parameters(row: Route) -> list[Json]:
    schema = {"type": "string", "pattern": ID_PATTERN}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in row.ids]


def _query_parameters(row: Route) -> list[Json]:
    if row.query is None:
        return []
    return [
        {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": msgspec.json.schema(field.type),
        }
        for field in msgspec.structs.fields(row.query)
    ]


def _header_parameters(row: Route) -> list[Json]:
    if row.once is Once.NO:
        return []
    said = "A new value for each request, the same for a retry of it."
    if row.once is Once.IF_RESERVING:
        said += " Required where `reserve` is true."
    schema = {"type": "string", "pattern": KEY_PATTERN}
    required = row.once is Once.ALWAYS
    return [{"name": HEADER, "in": "header", "required": required, "description": said, "schema": schema}]
