"""Write docs/native.openapi.yaml from the native API's routes of tasks; `--check` only compares."""

import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from dragoman_edge.dialects.native import enrolment, imports, task_changes, tasks
from dragoman_edge.dialects.native import enrolment_models as e
from dragoman_edge.dialects.native import import_models as i
from dragoman_edge.dialects.native import task_models as m

PAGE = Path(__file__).parent.parent / "docs" / "native.openapi.yaml"
HEAD = "# Written by scripts/openapi.py from the models of the native API.\n"
SCHEMAS = "#/components/schemas/"
ANSWERS: dict[Any, type[BaseModel]] = {
    tasks.listing: m.TaskPage,
    tasks.one: m.Task,
    tasks.entries: m.EntryPage,
    tasks.delete: m.Deleted,
    task_changes.change: m.Task,
    tasks.webhook_secret: m.WebhookSecret,
    tasks.recordings: m.Recordings,
    imports.price: i.Quote,
    imports.begin: i.Import,
    imports.listing: i.ImportPage,
    imports.one: i.Import,
    imports.cancel: i.Import,
    enrolment.enrol: e.Enrolled,
    enrolment.listing: e.EnrolledSpeakers,
    enrolment.delete: e.DeletedSpeaker,
}
FILES = {
    "audio/ogg": "as it is stored; ranges of bytes are served",
    "audio/wav": "16 kHz",
    "audio/mp4": "AAC",
}
PAGED = {tasks.listing: 100, tasks.entries: 200, imports.listing: 100}
START = "The `start` message of a session (docs/native.asyncapi.yaml): languages, `keep`, `speakers` …"
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "MP3, WAV, M4A, AAC, FLAC, Ogg, WebM"},
        "start": {"type": "string", "contentMediaType": "application/json", "description": START},
    },
}
RECORDING = {
    "type": "object",
    "required": ["file", "speaker"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "One person speaking, 3 s of speech or more; the first 30 s count. At most 20 MB",
        },
        "speaker": {"allOf": [{"$ref": SCHEMAS + "Enrolment"}]},
    },
}
BODIES: dict[Any, dict[str, Any]] = {
    imports.begin: {"multipart/form-data": {"schema": FORM}},
    enrolment.enrol: {
        "multipart/form-data": {
            "schema": RECORDING,
            "encoding": {"speaker": {"contentType": "application/json"}},
        }
    },
    task_changes.change: {"application/json": {"schema": {"$ref": SCHEMAS + "TaskChange"}}},
    imports.price: {"application/json": {"schema": {"$ref": SCHEMAS + "QuoteWish"}}},
}
CREATED = {imports.begin: "201", enrolment.enrol: "201"}
REFUSALS = {
    "400": "a parameter makes no sense",
    "401": "no key, or a wrong one",
    "403": "a token instead of a key",
    "404": "there is no such task, import or speaker in the key's account",
    "503": "the archive cannot be reached",
}


def schemas() -> dict[str, Any]:
    """The models by name."""
    made: dict[str, Any] = {}
    models: list[type[BaseModel]] = [
        *ANSWERS.values(),
        i.QuoteWish,
        e.Enrolment,
        task_changes.TaskChange,
        m.Refusal,
    ]
    for model in models:
        schema = model.model_json_schema(ref_template=SCHEMAS + "{model}")
        made.update(schema.pop("$defs", {}))
        made[model.__name__] = schema
    return dict(sorted(made.items()))


def parameters(handle: Any, path: str) -> list[dict[str, Any]]:
    """Of an operation."""
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in ("task_id", "import_id", "speaker_id")
        if f"{{{name}}}" in path
    ]
    if handle in PAGED:
        limit = {"type": "integer", "minimum": 1, "maximum": PAGED[handle]}
        found.append({"name": "limit", "in": "query", "schema": limit})
        found.append({"name": "after", "in": "query", "schema": {"type": "string"}})
    if handle is tasks.audio:
        formats = {"type": "string", "enum": ["ogg", "wav", "m4a"], "default": "ogg"}
        found.append({"name": "track", "in": "query", "schema": {"type": "integer", "minimum": 0}})
        found.append({"name": "format", "in": "query", "schema": formats})
        found.append({"name": "Range", "in": "header", "schema": {"type": "string"}})
    return found


def file() -> dict[str, Any]:
    """Responses whose body is a recording."""
    content = {
        kind: {"schema": {"type": "string", "format": "binary", "description": why}}
        for kind, why in FILES.items()
    }
    ranges = {"description": "Part of the file", "content": {"audio/ogg": content["audio/ogg"]}}
    return {
        "200": {"description": "The file", "content": content},
        "206": ranges,
        "416": {"description": "No such range"},
    }


def answer(model: type[BaseModel], description: str) -> dict[str, Any]:
    """A response with a JSON body."""
    body = {"schema": {"$ref": SCHEMAS + model.__name__}}
    return {"description": description, "content": {"application/json": body}}


def success(model: type[BaseModel], status: str) -> dict[str, Any]:
    """Return the response of a request that is granted."""
    return {status: answer(model, (model.__doc__ or "").strip().splitlines()[0])}


def operation(handle: Any, path: str) -> dict[str, Any]:
    """A method of a path."""
    model = ANSWERS.get(handle)
    refusals = {code: answer(m.Refusal, why) for code, why in REFUSALS.items()}
    body = {"requestBody": {"required": True, "content": BODIES[handle]}} if handle in BODIES else {}
    return {
        "summary": (handle.__doc__ or "").strip().splitlines()[0],
        "parameters": parameters(handle, path),
        **body,
        "responses": (success(model, CREATED.get(handle, "200")) if model else file()) | refusals,
    }


def document() -> dict[str, Any]:
    """The whole of it, OpenAPI 3.1."""
    paths: dict[str, Any] = {}
    for route in (*tasks.ROUTES, *task_changes.ROUTES, *imports.ROUTES, *enrolment.ROUTES):
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route.handle, route.path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dragoman native API: tasks and imports",
            "version": "1.0.0",
            "description": "Kept sessions: list, read, hear, delete. Audio files: import.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://localhost:8080"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas(),
        },
    }


def main() -> None:
    """Write, or compare."""
    text = HEAD + yaml.safe_dump(document(), sort_keys=False, width=110, allow_unicode=True)
    if "--check" not in sys.argv:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        raise SystemExit(f"{PAGE} is not what the code says: run scripts/openapi.py")


if __name__ == "__main__":
    main()
