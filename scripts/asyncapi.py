"""Write docs/native.asyncapi.yaml from the models of the native API; `--check` only compares."""

import sys
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from dragoman_edge.dialects.native import events as native_events
from dragoman_edge.dialects.native import messages as native_messages

PAGE = Path(__file__).parent.parent / "docs" / "native.asyncapi.yaml"
HEAD = "# Written by scripts/asyncapi.py from the models of the native API.\n"
SCHEMAS = "#/components/schemas/"


def models(union: Any) -> list[type[BaseModel]]:
    """The members of an annotated union."""
    return list(get_args(get_args(union)[0]))


def schema(model: type[BaseModel], into: dict[str, Any]) -> dict[str, Any]:
    """A model's schema; what it refers to goes to the shared schemas."""
    made = model.model_json_schema(ref_template=SCHEMAS + "{model}")
    into.update(made.pop("$defs", {}))
    return made


def messages(union: Any, into: dict[str, Any]) -> dict[str, Any]:
    """The messages of one direction, by type."""
    found = {}
    for model in models(union):
        name = get_args(model.model_fields["type"].annotation)[0]
        summary = (model.__doc__ or "").strip().splitlines()[0]
        found[name] = {"name": name, "summary": summary, "payload": schema(model, into)}
    return found


def document() -> dict[str, Any]:
    """The whole of it, AsyncAPI 3.0."""
    schemas: dict[str, Any] = {}
    sent = messages(native_messages.FromClient, schemas)
    got = messages(native_events.FromServer, schemas)
    audio = {"name": "audio", "contentType": "application/octet-stream", "payload": {"type": "string"}}
    sent["audio"] = {**audio, "summary": "Audio samples in the format of `start`"}
    got["audio"] = {**audio, "summary": "Audio samples of the preceding `speech` message"}
    both = {f"client.{k}": v for k, v in sent.items()} | {f"server.{k}": v for k, v in got.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "dragoman native API",
            "version": "1.0.0",
            "description": "One websocket for a session of real-time speech translation.",
            "license": {"name": "Apache-2.0"},
        },
        "servers": {"edge": {"host": "localhost:8080", "protocol": "ws"}},
        "channels": {
            "stream": {
                "address": "/v1/stream",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in both},
            }
        },
        "operations": {
            "send": _operation("receive", [name for name in both if name.startswith("client.")]),
            "receive": _operation("send", [name for name in both if name.startswith("server.")]),
        },
        "components": {
            "messages": both,
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    """`action` is told from the server's side."""
    refs = [{"$ref": f"#/channels/stream/messages/{name}"} for name in names]
    return {"action": action, "channel": {"$ref": "#/channels/stream"}, "messages": refs}


def main() -> None:
    """Write or compare."""
    text = HEAD + yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)
    if "--check" in sys.argv:
        if PAGE.read_text() != text:
            raise SystemExit("docs/native.asyncapi.yaml is not current: run scripts/asyncapi.py")
        return
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
