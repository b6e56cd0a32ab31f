"""Tiers: what an account may do and what it costs, read from YAML; a typo is refused with its place."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dragoman_accounts.money import MAX_PRICE, Load, Prices
from dragoman_contract.common_voices import wanted_gender
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import EngineChoice, Enrichment, Spec

ANY = "*"
Price = Annotated[int, Field(ge=0, le=MAX_PRICE, strict=True)]
Note = Annotated[str, Field(max_length=200)]
Count = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class TierError(ValueError):
    """The tier file cannot be used; each line of the message names a place in it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PriceTable(_Strict):
    """Micro-credits per second."""

    recognition: Price = 0
    translation: Price = 0
    speech: Price = 0


class Engine(_Strict):
    """An engine and its private settings; an empty name is the service's default."""

    engine: str = ""
    settings: dict[str, str] = {}


class EnrichmentTable(_Strict):
    """Settings merged into a session, never shown to its client; `metadata` is for operators' logs."""

    stt: Engine = Engine()
    translation: Engine = Engine()
    tts: Engine = Engine()
    metadata: Annotated[dict[Annotated[str, Field(max_length=64)], Note], Field(max_length=20)] = {}


class Tier(_Strict):
    """Rights, limits and prices of a group of accounts."""

    description: str = ""
    languages: tuple[str, ...] = (ANY,)
    voices: tuple[str, ...] = (ANY,)
    engines: tuple[str, ...] = (ANY,)
    features: tuple[str, ...] = (ANY,)
    dialects: tuple[str, ...] = (ANY,)
    max_sessions: Count = 1
    max_sessions_per_key: Count | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=6_000_000, strict=True)] = 60
    burst: Count = 10
    max_session_minutes: Annotated[int, Field(ge=0, le=40_000, strict=True)] = 0
    max_tracks: Annotated[int, Field(ge=1, le=64, strict=True)] = 16
    max_targets: Annotated[int, Field(ge=0, le=64, strict=True)] = 16
    max_keep_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = 0
    keep_audio: Annotated[bool, Field(strict=True)] = True
    max_imports: Count = 1
    max_import_minutes: Annotated[int, Field(ge=0, le=1440, strict=True)] = 600
    prices: PriceTable = PriceTable()
    import_prices: PriceTable | None = None
    enrichment: EnrichmentTable = EnrichmentTable()

    @model_validator(mode="after")
    def _engines_allowed(self) -> "Tier":
        for choice in (self.enrichment.stt, self.enrichment.translation, self.enrichment.tts):
            if not engine_allowed(self, choice.engine):
                raise ValueError(
                    f"enrichment names the engine {choice.engine!r}, which engines does not allow"
                )
        return self

    @property
    def key_limit(self) -> int:
        """Concurrent sessions of one key."""
        return min(self.max_sessions, self.max_sessions_per_key or self.max_sessions)

    @property
    def interval_us(self) -> int:
        """Microseconds per permitted request."""
        return 60_000_000 // self.requests_per_minute

    def price_list(self, imported: bool = False) -> Prices:
        """The prices as plain integers: of live speech, or of imports, which cost the same unless said."""
        p = (self.import_prices or self.prices) if imported else self.prices
        return Prices(recognition=p.recognition, translation=p.translation, speech=p.speech)


class TierFile(_Strict):
    """The whole file."""

    tiers: Annotated[
        dict[Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,31}$")], Tier], Field(min_length=1)
    ]


def load(path: str = "") -> dict[str, Tier]:
    """Read a tier file, or the one in this package.

    Raises:
        TierError: it cannot be read, is no YAML or says something that makes no sense.
    """
    if not path:
        return parse(resources.files(__package__).joinpath("tiers.yaml").read_text(), "tiers.yaml")
    try:
        return parse(Path(path).read_text(), path)
    except (OSError, UnicodeDecodeError) as exc:
        raise TierError(f"{path}: cannot be read ({type(exc).__name__})") from exc


def parse(text: str, name: str = "tiers") -> dict[str, Tier]:
    """Tiers by name.

    Raises:
        TierError: as `load`.
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise TierError(f"{name}{where}: no YAML: {getattr(exc, 'problem', exc)}") from exc
    _no_repeats(tree, name)
    try:
        return dict(TierFile.model_validate(data).tiers)
    except ValidationError as exc:
        raise TierError("\n".join(_explain(name, tree, error) for error in exc.errors())) from exc


def _explain(name: str, tree: yaml.Node | None, error: Any) -> str:
    path = [part for part in error["loc"] if part != "[key]"]
    line = _line(tree, path)
    return f"{name}:{line}: {'.'.join(map(str, path)) or 'file'}: {error['msg']}"


def _line(node: yaml.Node | None, path: list[Any]) -> int:
    """The line of the deepest part of `path` that is there (1, 2, 3 ...)."""
    line = node.start_mark.line if node else 0
    for part in path:
        found = _child(node, part)
        if found is None:
            break
        node, line = found
    return line + 1


def _child(node: yaml.Node | None, part: Any) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line
    return None


def _no_repeats(node: yaml.Node | None, name: str) -> None:
    """YAML lets the last of two equal names win in silence; here that would be somebody's limit."""
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if key.value in seen:
            raise TierError(f"{name}:{key.start_mark.line + 1}: {key.value} stands twice")
        seen.add(key.value)
        _no_repeats(value, name)


def engine_allowed(tier: Tier, engine: str) -> bool:
    """Whether the tier lets a session use an engine; the service's default always."""
    return not engine or ANY in tier.engines or engine in tier.engines


def check(tier: Tier, spec: Spec) -> None:
    """Refuse what the tier does not allow.

    Raises:
        PeerError: `UNSUPPORTED_…`, `FORBIDDEN` or `BAD_REQUEST`.
    """
    if not spec.tracks:
        raise PeerError(FaultCode.BAD_REQUEST, "a session has at least one track")
    if not _listed(spec.dialect, tier.dialects):
        raise PeerError(FaultCode.FORBIDDEN, "the tier does not allow this API")
    if len(spec.tracks) > tier.max_tracks:
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, f"the tier allows {tier.max_tracks} audio streams")
    if max(len(t.target_languages) for t in spec.tracks) > tier.max_targets:
        raise PeerError(
            FaultCode.UNSUPPORTED_LANGUAGE, f"the tier allows {tier.max_targets} target languages"
        )
    _check_languages(tier, spec)
    _check_keep(tier, spec)
    if spec.imported_ms:
        _check_import(tier, spec)
    for voice in spec.voices:
        gender = wanted_gender(voice.voice)
        if gender != "" and not (_listed(voice.voice, tier.voices) or gender in tier.voices):
            raise PeerError(FaultCode.UNSUPPORTED_VOICE, "the tier does not allow this voice")
    for feature in spec.features:
        if not _listed(feature, tier.features):
            raise PeerError(FaultCode.UNSUPPORTED_FEATURE, "the tier does not allow this feature")


def _check_languages(tier: Tier, spec: Spec) -> None:
    if ANY in tier.languages:
        return
    for track in spec.tracks:
        if not track.source_languages:
            raise PeerError(
                FaultCode.UNSUPPORTED_LANGUAGE, "the tier does not allow an undeclared source language"
            )
        for language in (*track.source_languages, *track.target_languages):
            if not _language_listed(language, tier.languages):
                raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "the tier does not allow this language")


def _check_keep(tier: Tier, spec: Spec) -> None:
    if spec.keep is None or not spec.keep.text or spec.keep.where_allowed:
        return
    if not tier.max_keep_days:
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, "the tier does not allow sessions to be kept")
    if spec.keep.audio and not tier.keep_audio:
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, "the tier does not allow audio to be kept")
    if spec.keep.days > tier.max_keep_days:
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, f"the tier keeps {tier.max_keep_days} days at most")


def _check_import(tier: Tier, spec: Spec) -> None:
    if spec.imported_ms > tier.max_import_minutes * 60_000:
        message = f"the tier allows imports of {tier.max_import_minutes} minutes at most"
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, message)
    if not keep_days(tier, spec):
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, "nothing of an import would be kept")


def keep_days(tier: Tier, spec: Spec) -> int:
    """Return the days for which a session that `check` has let pass is kept; 0 = it is not."""
    if spec.keep is None or not spec.keep.text:
        return 0
    return min(spec.keep.days or tier.max_keep_days, tier.max_keep_days)


def keep_audio(tier: Tier, spec: Spec) -> bool:
    """Return whether the audio of a session that `check` has let pass is kept."""
    return spec.keep is not None and spec.keep.audio and tier.keep_audio and keep_days(tier, spec) > 0


def _listed(value: str, allowed: tuple[str, ...]) -> bool:
    return ANY in allowed or value in allowed


def _language_listed(language: str, allowed: tuple[str, ...]) -> bool:
    wanted = language.lower()
    return any(wanted == one.lower() or wanted.startswith(one.lower() + "-") for one in allowed)


def load_of(spec: Spec) -> Load:
    """Return the most that a session with this spec can use per second."""
    wanted = spec.translate or spec.speech  # what is spoken is translated first, shown or not
    targets = sum(len(track.target_languages) for track in spec.tracks) if wanted else 0
    return Load(tracks=len(spec.tracks), targets=targets, spoken=targets if spec.speech else 0)


def check_text(tier: Tier, targets: tuple[str, ...]) -> None:
    """Refuse a text beside the speech that the tier does not allow.

    Raises:
        PeerError: `UNSUPPORTED_LANGUAGE`.
    """
    if len(targets) > tier.max_targets:
        raise PeerError(
            FaultCode.UNSUPPORTED_LANGUAGE, f"the tier allows {tier.max_targets} target languages"
        )
    if ANY not in tier.languages and not all(_language_listed(tag, tier.languages) for tag in targets):
        raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "the tier does not allow this language")


def enrich(tier: Tier, own: EnrichmentTable) -> Enrichment:
    """The tier's private settings with those of the key over them."""
    base = tier.enrichment
    return Enrichment(
        stt=_merge(base.stt, own.stt),
        translation=_merge(base.translation, own.translation),
        tts=_merge(base.tts, own.tts),
        metadata=base.metadata | own.metadata,
    )


def _merge(base: Engine, own: Engine) -> EngineChoice:
    # Settings belong to an engine: another engine does not inherit them.
    inherited = base.settings if own.engine in ("", base.engine) else {}
    return EngineChoice(engine=own.engine or base.engine, settings=inherited | own.settings)
