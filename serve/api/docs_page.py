"""The documentation of the service as a page without script: FastAPI's own loads its viewer from another host."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any


def docs_page(schema: Mapping[str, Any]) -> str:
    """Of an OpenAPI 3.1 description, every operation with what it takes and returns."""
    operations = [
        _operation(path, method, told) for path, methods in schema["paths"].items() for method, told in methods.items()
    ]
    named = schema.get("components", {}).get("schemas", {})
    records = [_record(name, told) for name, told in sorted(named.items())]
    info = schema["info"]
    about = "".join(f"<p>{escape(part)}</p>" for part in info.get("description", "").split("\n\n"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f"{escape(info['title'])}: how to ask</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/page.css">'
        f'</head><body><main class="docs"><h1>{escape(info["title"])}: how to ask</h1>{about}'
        '<p class="soft">The same for programs: <a href="/openapi.json">openapi.json</a>. '
        'To try it: <a href="/">the page</a>.</p>'
        f"<h2>Requests</h2>{''.join(operations)}<h2>Records</h2>{''.join(records)}</main></body></html>"
    )


def _operation(path: str, method: str, told: Mapping[str, Any]) -> str:
    takes = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = "".join(
        f'<tr><td class="n">{escape(code)}</td><td>{escape(_said(one))}</td><td>'
        f"{_kind(next(iter(one.get('content', {}).values()), {}).get('schema', {}))}</td></tr>"
        for code, one in told.get("responses", {}).items()
    )
    about = "".join(f"<p>{escape(part)}</p>" for part in told.get("description", "").split("\n\n") if part)
    body = f"<p>Takes {_kind(takes)} as JSON.</p>" if takes else ""
    return (
        f'<details class="group"><summary><b class="method">{escape(method.upper())}</b> <code>{escape(path)}</code> '
        f'<span class="soft">{escape(told.get("summary", ""))}</span></summary>{about}{body}'
        f"<table>{answers}</table></details>"
    )


def _record(name: str, told: Mapping[str, Any]) -> str:
    needed = set(told.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(key)}</code></td><td>{_kind(one)}</td><td>{'needed' if key in needed else ''}</td>"
        f"<td>{escape(one.get('description', ''))} {escape(_bounds(one))}</td></tr>"
        for key, one in told.get("properties", {}).items()
    )
    about = escape(told.get("description", "")).replace("`", "")
    return (
        f'<section id="{escape(name, True)}"><h3>{escape(name)}</h3><p class="soft">{about}</p>'
        f'<div class="scroll"><table>{rows}</table></div></section>'
    )


def _kind(one: Mapping[str, Any]) -> str:
    if "$ref" in one:
        name = escape(one["$ref"].rpartition("/")[2], True)
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in one:
        return " or ".join(_kind(each) for each in one["anyOf"])
    if one.get("type") == "array":
        return f"list of {_kind(one.get('items', {}))}"
    return escape(str(one.get("type", "")))


def _said(one: Mapping[str, Any]) -> str:
    return one.get("description", "").replace("Successful Response", "answered")


def _bounds(one: Mapping[str, Any]) -> str:
    inner = next((each for each in one.get("anyOf", ()) if each.get("type") != "null"), one)
    names = {"minimum": "at least", "maximum": "at most", "minLength": "characters, at least", "maxItems": "at most"}
    names |= {"maxLength": "characters, at most", "minItems": "at least"}
    parts = [f"{word} {inner[key]:,}" for key, word in names.items() if key in inner]
    parts += [f"usually {json.dumps(one['default'])}"] if one.get("default") not in (None, "") else []
    return f"({'; '.join(parts)})" if parts else ""
