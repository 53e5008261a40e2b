"""The tables of a treatment's details and of a sheet's choices -> the description of the door, as OpenAPI 3.1 has it.

It names no document and nothing of a clinic: it is the same for all, and is given out without a key.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from handouts.errors import Kind, Severity
from handouts.interfaces.programs.accepting import MEDIA_TYPES
from handouts.interfaces.programs.asking import CHOICES, STRICT, TEXTS, TREATMENT
from handouts.records import ReadWhen, ReviewState, Unit
from handouts.treatment import FIELDS, MAXIMUM_ITEMS, MAXIMUM_NAME, MAXIMUM_NOTE, FieldKind

Schema = dict[str, Any]

_LINE: Schema = {"type": ["string", "integer"], "maxLength": MAXIMUM_NAME}
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PERIOD: Schema = {
    "type": "object",
    "properties": {
        **{unit.key: {"type": "integer", "minimum": 0, "maximum": 9999} for unit in Unit},
        "reason": {"type": "string", "minLength": 1, "maxLength": MAXIMUM_NOTE},
    },
    "required": ["reason"],
    "minProperties": 2,
    "maxProperties": 2,
    "additionalProperties": False,
}
_OF_KIND: Mapping[FieldKind, Schema] = {
    FieldKind.NAME: {"type": "string", "minLength": 1, "maxLength": MAXIMUM_NAME},
    FieldKind.LINE: _LINE,
    FieldKind.NOTE: {"type": ["string", "integer"], "maxLength": MAXIMUM_NOTE},
    FieldKind.DAY: {"type": "string", "format": "date", "pattern": f"^{_DAY}$"},
    FieldKind.MOMENT: {
        "type": "string",
        "pattern": f"^{_DAY}[ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?$",
    },
    FieldKind.TIME_ZONE: {"type": "string", "maxLength": MAXIMUM_NAME},
    FieldKind.LANGUAGE: {"type": "string", "maxLength": MAXIMUM_NAME},
    FieldKind.EMAIL: {"type": "string", "format": "email"},
    FieldKind.LIST: {"type": "array", "items": _LINE, "maxItems": MAXIMUM_ITEMS},
    FieldKind.NUMBERS: {"type": "object", "additionalProperties": {"type": ["number", "string"]}},
    FieldKind.PERIODS: {"type": "object", "additionalProperties": _PERIOD},
}
"""What a program may give; people's ways of writing a time or a list are taken too, and not promised to programs."""
_EXAMPLE: Schema = {
    "document": "microneedling-aftercare",
    "language": "es",
    TREATMENT: {
        "patient": {"name": "Ana Example", "birth_date": "1990-01-31"},
        "body_sites": ["face"],
        "performed_on": "2026-11-21 15:00",
        "settings": {"needle_depth": 1.5},
    },
}
_REFUSALS: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "It is not JSON.",
    HTTPStatus.UNAUTHORIZED: "No key, or one that is not known.",
    HTTPStatus.NOT_ACCEPTABLE: "Accept lets neither a PDF nor HTML through, or not the one that `format` asks for.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "It is longer than any treatment.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "It does not say that it is JSON.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "No sheet is made of it; `problems` say why, each with its place.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many at a time: again after as many seconds as Retry-After says.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something of this computer stands in the way; `problems` say what.",
}
_WITHOUT_BODY = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What can be answered to a question that sends nothing."""


@cache
def description() -> Schema:
    """Return the description of every address below /api/v1/."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Handouts",
            "version": "1",
            "description": "A patient's sheet for a treatment. Nothing that is asked here is kept or noted down.",
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": {
            "/api/v1/sheets": {"post": _making()},
            "/api/v1/documents": {"get": _telling()},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "SheetRequest": _request(),
                "Treatment": _treatment(),
                "Documents": _documents(),
                "Problem": _problem(),
                "Refusal": _refusal(),
            },
            "responses": {status.name: _refused(status, words) for status, words in _REFUSALS.items()},
        },
    }


def _making() -> Schema:
    texts = ("ETag", "Content-Language", "Content-Disposition", "Handouts-Document", "Handouts-Fingerprint")
    heads = {
        **{name: {"schema": {"type": "string"}} for name in texts},
        "Handouts-Pages": {"schema": {"type": "integer"}},
        "Handouts-Warnings": {
            "description": "The codes of what is to be known about the sheet, such as that nobody has reviewed it.",
            "schema": {"type": "string"},
        },
    }
    return {
        "operationId": "makeSheet",
        "summary": "Make one sheet, in one language or in two side by side.",
        "description": "The same request gives the same bytes, as long as it says when the treatment was and nothing "
        "of the clinic has changed; ETag is the SHA-256 of them. Nothing is stored: asking again costs nothing but "
        "the time.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _reference("SheetRequest"), "example": _EXAMPLE}},
        },
        "responses": {
            "200": {
                "description": "The sheet.",
                "headers": heads,
                "content": {media: {} for media in MEDIA_TYPES.values()},
            },
            **_references(_REFUSALS),
        },
    }


def _telling() -> Schema:
    return {
        "operationId": "listDocuments",
        "summary": "What can be had: documents, languages, the details of a treatment, and who has reviewed what.",
        "responses": {
            "200": {
                "description": "The library.",
                "content": {"application/json": {"schema": _reference("Documents")}},
            },
            **_references(_WITHOUT_BODY),
        },
    }


def _request() -> Schema:
    choices = {
        name: {"type": "string", "enum": [str(each) for each in known], "description": words}
        for name, (known, words) in CHOICES.items()
    }
    texts: Schema = {name: {"type": "string", "description": words} for name, words in TEXTS.items()}
    strict = {
        "type": "boolean",
        "default": False,
        "description": "Refuse a text that nobody has reviewed or approved, and a treatment in the future or long ago.",
    }
    properties = {**texts, TREATMENT: _reference("Treatment"), **choices, STRICT: strict}
    return _object(properties, ("document", TREATMENT))


def _treatment() -> Schema:
    """Return the object of a treatment's details: a path with a dot is a key of an object within."""
    properties: dict[str, Schema] = {}
    for field in FIELDS:
        table, _, name = field.path.rpartition(".")
        schema = {**_OF_KIND[field.kind], "description": field.help}
        if not table:
            properties[name] = schema
            continue
        inside = properties.setdefault(table, _object({}, ()))
        inside["properties"][name] = schema
        inside["required"] += [name] if field.required else []
    needed = {field.path.partition(".")[0]: None for field in FIELDS if field.required}
    return _object(properties, needed)


def _documents() -> Schema:
    text, texts = {"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}
    state = {"type": "string", "enum": [str(each) for each in ReviewState]}
    setting = _object(dict.fromkeys(("label", "unit", "at_least", "at_most"), text))
    unit = {"type": "string", "enum": [str(each) for each in Unit]}
    period = _object({"label": text, "amount": {"type": "integer", "minimum": 0}, "unit": unit})
    document = {
        **dict.fromkeys(("id", "version", "title", "summary"), text),
        "read": {"type": "string", "enum": [str(each) for each in ReadWhen]},
        "review": state,
        "review_due": {"type": "string", "format": "date"},
        "languages": _array(_object({"tag": text, "review": state})),
        "procedures": texts,
        "body_sites": texts,
        "products": _array(text),
        "settings": {"type": "object", "additionalProperties": setting},
        "waiting_periods": {"type": "object", "additionalProperties": period},
    }
    flag = {"type": "boolean"}
    kind = {"type": "string", "enum": [str(each) for each in FieldKind]}
    field = {"path": text, "kind": kind, "required": flag, "repeated": flag, "help": text}
    return _object(
        {
            "documents": _array(_object(document)),
            "fields": _array(_object(field)),
            "problems": _array(_reference("Problem")),
        }
    )


def _problem() -> Schema:
    text, place = {"type": "string"}, {"type": ["integer", "null"], "minimum": 1}
    return _object(
        {
            "severity": {"type": "string", "enum": [str(each) for each in Severity]},
            "kind": {"type": "string", "enum": [str(each) for each in Kind]},
            "code": text,
            "source": text,
            "line": place,
            "column": place,
            "path": text,
            "what": text,
            "do": text,
            "nearest": text,
            "exit_code": {"type": "integer"},
        }
    )


def _refusal() -> Schema:
    text = {"type": "string"}
    return _object(
        {
            "type": {"type": "string", "const": "about:blank"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "problems": _array(_reference("Problem")),
        }
    )


def _object(properties: Schema, required: Any = None) -> Schema:
    """Return an object that has no other keys; all of them are needed where nothing else is said."""
    needed = [*(properties if required is None else required)]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _refused(status: HTTPStatus, words: str) -> Schema:
    answer: Schema = {
        "description": words,
        "content": {"application/problem+json": {"schema": _reference("Refusal")}},
    }
    head = {HTTPStatus.UNAUTHORIZED: "WWW-Authenticate", HTTPStatus.TOO_MANY_REQUESTS: "Retry-After"}.get(status)
    return {**answer, "headers": {head: {"schema": {"type": "string"}}}} if head else answer


def _references(statuses: Any) -> Schema:
    return {str(int(status)): {"$ref": f"#/components/responses/{status.name}"} for status in statuses}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
