"""The OpenAPI 3.1 document, made from the same table and models as the routes."""

from typing import Any

from pydantic.json_schema import models_json_schema

from dashboards.board.api.answering import MOST_PER_PAGE, PER_PAGE
from dashboards.board.api.models import Problem
from dashboards.board.api.table import RESOURCES, Ask, Listed

_REF = "#/components/schemas/{model}"
_WHAT_HOLDS = (
    "Lists in a fixed order, in pages; a filter is what a field equals. Exact figures are decimal text, "
    "moments are UTC, null is not known and never 0. Whoever asks is told of their own part of the district. "
    "Fields may be added; none is renamed or taken away within version 1."
)
_PROBLEMS = {
    400: "What was asked is not understood; detail names the parameter",
    401: "Nobody is signed in, or the token is none, over, or taken back",
    403: "Whoever asks may not",
    406: "Neither JSON nor CSV is accepted",
    503: "The store cannot answer now",
}
_NO_SCHOOL = "Nothing of this school is judged"
_NO_GROUND = "What is stored is no ground for a plan; detail says why"


def document(root: str, version: str) -> dict[str, Any]:
    models = [(found.model, "serialization") for found in RESOURCES]
    _, schemas = models_json_schema([*models, (Problem, "serialization")], ref_template=_REF)  # type: ignore[list-item]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Campus board",
            "version": version,
            "summary": "Observed facilities of schools beside the declared ones, and what was judged of them",
            "description": _WHAT_HOLDS,
        },
        "servers": [{"url": root or "/"}],
        "security": [{"token": []}, {"session": []}, {}],
        "paths": {found.path: {"get": _operation(found)} for found in RESOURCES},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "campus board token add"},
                "session": {"type": "apiKey", "in": "cookie", "name": "campus_session"},
            },
        },
    }


def _operation(found: Listed) -> dict[str, Any]:
    model = {"$ref": _REF.format(model=found.model.__name__)}
    return {
        "operationId": f"list_{found.name.replace('-', '_')}",
        "summary": found.what,
        "tags": [found.name],
        "parameters": [
            *_paging(),
            *map(_ask, found.asks),
            *(_filter(found, name) for name in found.filters),
            *_headers(),
        ],
        "responses": {
            "200": {
                "description": "A page of the list",
                "headers": {
                    "ETag": {"description": "Of this answer", "schema": {"type": "string"}},
                    "Link": {"description": "first, last, prev, next", "schema": {"type": "string"}},
                },
                "content": {
                    "application/json": {"schema": _page(model)},
                    "text/csv": {"schema": {"type": "string"}},
                },
            },
            "304": {"description": "Nothing has changed since the answer of that ETag"},
            **{str(status): _problem(what) for status, what in _PROBLEMS.items()},
            **({"404": _problem(_NO_SCHOOL), "409": _problem(_NO_GROUND)} if found.asks else {}),
        },
    }


def _page(model: dict[str, Any]) -> dict[str, Any]:
    whole = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["data", "page", "per_page", "pages", "total", "evaluated", "problem"],
        "properties": {
            "data": {"type": "array", "items": model},
            "page": whole,
            "per_page": whole,
            "pages": whole,
            "total": {**whole, "description": "Of all pages together"},
            "evaluated": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "When the last evaluation was that this rests on",
            },
            "problem": {
                "type": ["string", "null"],
                "description": "The store is away, and this is what was last read; or nobody judges alerts",
            },
        },
        "additionalProperties": False,
    }


def _paging() -> list[dict[str, Any]]:
    def parameter(name: str, what: str, **schema: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "description": what, "schema": schema}

    return [
        parameter("page", "Which page", type="integer", minimum=1, maximum=1_000_000, default=1),
        parameter(
            "per_page", "Rows a page", type="integer", minimum=1, maximum=MOST_PER_PAGE, default=PER_PAGE
        ),
        parameter("lang", "Language of texts, before Accept-Language", type="string", enum=["zh", "en"]),
    ]


def _filter(found: Listed, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": f"Only rows whose {name} is this",
        "schema": {"type": "string", "maxLength": 200},
    }


def _ask(ask: Ask) -> dict[str, Any]:
    return {
        "name": ask.name,
        "in": "query",
        "description": ask.what,
        "required": ask.required,
        "schema": {"type": "string", "maxLength": 40, "pattern": ask.pattern},
    }


def _headers() -> list[dict[str, Any]]:
    return [
        {
            "name": "If-None-Match",
            "in": "header",
            "description": "ETag of an earlier answer",
            "schema": {"type": "string"},
        }
    ]


def _problem(what: str) -> dict[str, Any]:
    return {
        "description": what,
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
