"""The published JSON Schemas (2020-12) of rules, records and stacks, so that an office's own editor can check what it writes.

The reader in ``rule`` and ``record`` says the same, and more: a schema cannot say that a date exists or that ids differ.
"""

from typing import Any

from credentials.pathways.model import Effect, Loss
from credentials.pathways.reading import MAX_NUMBER, MAX_TEXT
from credentials.pathways.record import MAX_EXCEPTIONS, MAX_ITEMS, Status
from credentials.pathways.rule import MAX_LISTED, Op

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RULE_PATH = "/schemas/pathway-rule-1.json"
RECORD_PATH = "/schemas/pathway-record-1.json"
STACK_PATH = "/schemas/stack-1.json"
"""Where they are published. A change that refuses what was good before gets a new number, and the old one stays."""

Schema = dict[str, Any]

ID_LENGTH = 36
SLUG_LENGTH = 62
STACK_TITLE_LENGTH = 300
STACK_DESCRIPTION_LENGTH = 5_000
MAX_MEMBERS = 50
"""A stack is read, drawn and signed as one: each member is a part of its badge and of its record."""

_TEXT: Schema = {"type": "string", "pattern": r"\S", "maxLength": MAX_TEXT}
_WORDS: Schema = {"type": ["string", "null"], "maxLength": MAX_TEXT}
_TEXTS: Schema = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 500}, {"type": "null"}]}
_DAY: Schema = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?$"}
_PATH: Schema = {"type": "string", "pattern": r"^\$?[^.$][^.]*(\.[^.]+)*$", "maxLength": MAX_TEXT}
_LOOKED_UP: Schema = {"type": "string", "pattern": r"^\$[^.]+(\.[^.]+)*$"}
_DAY_OR_PATH: Schema = {"anyOf": [_DAY, _LOOKED_UP, {"type": "null"}]}
_AMOUNT: Schema = {"type": "number", "minimum": 0, "maximum": MAX_NUMBER}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_FLAG = _or_null({"type": "boolean"})


def _object(required: tuple[str, ...], members: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": members, "additionalProperties": False}


def _node(required: tuple[str, ...], members: Schema) -> Schema:
    return _object(required, {**members, "label": _WORDS, "text": _WORDS, "source": _WORDS})


def _nodes(of: str) -> Schema:
    return {"type": "array", "items": {"$ref": of}, "minItems": 1, "maxItems": MAX_LISTED}


_NODE = "#/$defs/node"


def rule_schema(base_url: str) -> Schema:
    match = {
        **dict.fromkeys(("type", "id", "ref", "tag", "issuers"), _TEXTS),
        "min_score": {"anyOf": [{"type": "number"}, _LOOKED_UP, {"type": "null"}]},
        "from": _DAY_OR_PATH,
        "to": _DAY_OR_PATH,
        **dict.fromkeys(("documented", "preapproved", "unused"), _FLAG),
        "after": {"anyOf": [_DAY, _PATH, {"type": "null"}]},
    }
    rate = {
        "match": {"$ref": "#/$defs/match"},
        "value": _AMOUNT,
        "per": {"enum": ["item", "unit", "qty", None]},
        "cap": _or_null(_AMOUNT),
        "max_items": _or_null(_COUNT),
        "area": _or_null(_TEXT),
    }
    total = {
        "unit": _or_null(_TEXT),
        "min": _AMOUNT,
        "where": _or_null({"$ref": "#/$defs/match"}),
        "rates": {"type": "array", "items": _object(("match", "value"), rate), "minItems": 1, "maxItems": MAX_LISTED},
        "categories": _or_null(
            {"type": "array", "items": _object(("tag", "min"), {"tag": _TEXT, "min": _AMOUNT}), "maxItems": MAX_LISTED}
        ),
        "disjoint": _FLAG,
        "min_areas": _or_null(_COUNT),
    }
    version = {
        "name": _WORDS,
        "from": _or_null(_DAY),
        "to": _or_null(_DAY),
        "rule": {"$ref": _NODE},
    }
    credential = {"credential": {"$ref": "#/$defs/match"}, "count": _or_null(_COUNT), "repeat": _FLAG}
    kinds = [
        {"$ref": "#/$defs/exclusive"},
        _node(("all",), {"all": _nodes(_NODE), "exclusive": {"enum": [False, None]}}),
        _node(("any",), {"any": _nodes(_NODE)}),
        _node(("k_of", "of"), {"k_of": _COUNT, "of": _nodes(_NODE)}),
        {"$ref": "#/$defs/credential"},
        _node(("sum",), {"sum": _object(("min", "rates"), total)}),
        {"$ref": "#/$defs/fact"},
        _node(
            ("if", "then"),
            {"if": {"$ref": "#/$defs/condition"}, "then": {"$ref": _NODE}, "else": _or_null({"$ref": _NODE})},
        ),
        _node(
            ("versions", "basis"),
            {
                "basis": _PATH,
                "versions": {
                    "type": "array",
                    "items": _object(("rule",), version),
                    "minItems": 1,
                    "maxItems": MAX_LISTED,
                },
            },
        ),
        _node(("not_applicable",), {"not_applicable": {"const": True}}),
        _node(("true",), {"true": {"const": True}}),
    ]
    value = {"type": ["string", "number", "boolean", "array"]}
    compared = {"fact": _PATH, "op": {"enum": [op.value for op in Op if op is not Op.IN]}, "value": value}
    listed = {"fact": _PATH, "op": {"const": "in"}, "value": {"anyOf": [{"type": "array"}, _LOOKED_UP]}}
    return {
        "$schema": DIALECT,
        "$id": f"{base_url}{RULE_PATH}",
        "title": "A pathway rule",
        "$ref": _NODE,
        "$defs": {
            "node": {"oneOf": kinds},
            "match": _object((), match),
            "credential": _node(("credential",), credential),
            "exclusive": _node(
                ("all", "exclusive"), {"all": _nodes("#/$defs/credential"), "exclusive": {"const": True}}
            ),
            "fact": {"oneOf": [_node(("fact", "op", "value"), compared), _node(("fact", "op", "value"), listed)]},
            "condition": {
                "oneOf": [
                    {"$ref": "#/$defs/fact"},
                    _node(("all",), {"all": _nodes("#/$defs/condition"), "exclusive": {"enum": [False, None]}}),
                    _node(("any",), {"any": _nodes("#/$defs/condition")}),
                    _node(("k_of", "of"), {"k_of": _COUNT, "of": _nodes("#/$defs/condition")}),
                ]
            },
        },
    }


def record_schema(base_url: str) -> Schema:
    any_texts = {"oneOf": [{"type": "string"}, {"type": "array", "items": _TEXT, "maxItems": 500}, {"type": "null"}]}
    item = {
        "id": _TEXT,
        **{name: _or_null(_TEXT) for name in ("type", "ref", "issuer", "dup")},
        "qty": _or_null(_AMOUNT),
        "tags": any_texts,
        "score": _or_null({"type": "number"}),
        "status": {"enum": [*(status.value for status in Status), None]},
        **dict.fromkeys(("documented", "preapproved"), _FLAG),
        "used_in": any_texts,
        **{name: _or_null(_DAY) for name in ("earned", "started", "recorded_on", "revoked_on", "expires_on")},
    }
    waiver = {
        **dict.fromkeys(("requirement", "rationale", "approver"), _TEXT),
        "replacement_plan": _WORDS,
        "from": _or_null(_DAY),
        "to": _or_null(_DAY),
    }
    override = {**dict.fromkeys(("actor", "reason", "evidence"), _TEXT), "to": _DAY}
    waivers = _object(("requirement", "rationale", "approver"), waiver)
    overrides = _object(("actor", "reason", "evidence", "to"), override)
    return {
        "$schema": DIALECT,
        "$id": f"{base_url}{RECORD_PATH}",
        "title": "A record that a pathway rule is judged against",
        **_object(
            (),
            {
                "items": _or_null({"type": "array", "items": _object(("id",), item), "maxItems": MAX_ITEMS}),
                "facts": {"type": ["object", "null"]},
                "waivers": _or_null({"type": "array", "items": waivers, "maxItems": MAX_EXCEPTIONS}),
                "overrides": _or_null({"type": "array", "items": overrides, "maxItems": MAX_EXCEPTIONS}),
            },
        ),
    }


def stack_schema(base_url: str) -> Schema:
    """What begins a stack: the body of ``POST /api/v1/stacks``."""
    after = {loss.value: [effect.value for effect in Effect] for loss in Loss}
    after[Loss.SUSPENDED].remove(Effect.REVOKED)  # a suspension may be lifted
    policy = {loss: {"enum": effects, "default": Effect.SUSPENDED.value} for loss, effects in after.items()}
    return {
        "$schema": DIALECT,
        "$id": f"{base_url}{STACK_PATH}",
        "title": "A stack, with what becomes of its credential when a member is revoked, is suspended or has expired",
        **_object(
            ("organisationId", "slug", "title", "description", "members"),
            {
                "organisationId": {"type": "string", "maxLength": ID_LENGTH},
                "slug": {"type": "string", "minLength": 1, "maxLength": SLUG_LENGTH},
                "title": {"type": "string", "pattern": r"\S", "maxLength": STACK_TITLE_LENGTH},
                "description": {"type": "string", "pattern": r"\S", "maxLength": STACK_DESCRIPTION_LENGTH},
                "members": {
                    "type": "array",
                    "items": {"type": "string", "maxLength": ID_LENGTH},
                    "minItems": 2,
                    "maxItems": MAX_MEMBERS,
                    "uniqueItems": True,
                },
                "policy": _object((), policy),
            },
        ),
    }
