"""Write the tables of settings and metrics in docs/operating.md from the code; `--check` only compares."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from dragoman_kit.settings import parts

PAGE = Path(__file__).parent.parent / "docs" / "operating.md"
SETTINGS = {
    "common": "dragoman_kit.settings:CommonSettings",
    "models": "dragoman_models.settings:ModelsSettings",
    "edge": "dragoman_edge.settings:EdgeSettings",
    "accounts": "dragoman_accounts.settings:AccountsSettings",
    "archive": "dragoman_archive.settings:ArchiveSettings",
    "stt": "dragoman_stt.settings:SttSettings",
    "translation": "dragoman_translation.settings:TranslationSettings",
    "tts": "dragoman_tts.settings:TtsSettings",
}
SERVICES = ("edge", "accounts", "archive", "stt", "translation", "tts")


def settings_table(where: str) -> str:
    """Every variable of a settings class, its default, its bounds and its meaning."""
    module, _, name = where.partition(":")
    cls: type[BaseSettings] = getattr(import_module(module), name)
    rows = [
        f"| `{_prefix(part)}{field.upper()}` | {_default(info)} | {_meaning(field, info)} |"
        for part in (cls, *parts(cls))
        for field, info in part.model_fields.items()
        if info.annotation not in parts(cls)
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _prefix(cls: type[BaseSettings]) -> str:
    return str(cls.model_config.get("env_prefix", ""))


def _default(info: FieldInfo) -> str:
    value = info.default
    if value is PydanticUndefined:
        return "**required**"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return f"`{value}`" if value != "" else "empty"


def _meaning(field: str, info: FieldInfo) -> str:
    bounds = "; ".join(_bounds(info.metadata))
    text = info.description or field.replace("_", " ").capitalize()
    return f"{text} ({bounds})".replace("|", "\\|") if bounds else text.replace("|", "\\|")


def _bounds(metadata: list[Any]) -> Iterator[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    for item in metadata:
        for name, sign in signs.items():
            if (limit := getattr(item, name, None)) is not None:
                yield f"{sign} {limit}"
        if pattern := getattr(item, "pattern", None):
            yield pattern.strip("^$()").replace("|", ", ")


def metrics_table() -> str:
    """Every metric that the services and the kit define."""
    for service in SERVICES:
        import_module(f"dragoman_{service}.main")
    found = sorted(set(_metrics()))
    rows = [f"| `{name}` | {kind} | {labels} | {text} |" for name, kind, labels, text in found]
    return "\n".join(["| metric | kind | labels | meaning |", "|---|---|---|---|", *rows])


def _metrics() -> Iterator[tuple[str, str, str, str]]:
    for collector in list(REGISTRY._collector_to_names):
        if isinstance(collector, MetricWrapperBase) and collector._name.startswith("dragoman_"):
            kind = str(collector._type)
            ending = {"counter": "_total", "info": "_info"}.get(kind, "")
            labels = ", ".join(f"`{label}`" for label in collector._labelnames)
            yield collector._name + ending, kind, labels, collector._documentation


def filled(page: str) -> str:
    """The page with its generated parts as the code has them."""
    tables = {f"settings {name}": settings_table(where) for name, where in SETTINGS.items()}
    tables["metrics"] = metrics_table()
    for name, table in tables.items():
        part = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = part.subn(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"{PAGE.name} has {count} parts named '{name}'; there must be one")
    return page


def main() -> None:
    """Write, or with `--check` compare."""
    page = PAGE.read_text()
    fresh = filled(page)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(fresh)
    elif page != fresh:
        raise SystemExit("docs/operating.md is not what the code says: run scripts/settings_table.py")


if __name__ == "__main__":
    main()
