"""The parameters of a session, which travel in the token of its URL, and the spec that follows from them."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dragoman_contract import events as ev
from dragoman_contract.languages import canonical, same_language

NAME = "pinch"
CONTEXT_CHARACTERS = 2000  # "Up to ~2 000 characters"


class Parameters(BaseModel):
    """The query of `GET /v1/session`; it becomes the claims of the token."""

    model_config = ConfigDict(extra="ignore")

    session_id: str = ""
    sourceLanguage: str = "en"
    targetLanguage: str = "es"
    voiceType: str = Field("male", max_length=100)
    audioOutputEnabled: bool = True
    finalizeMode: str = Field("stable", pattern="^(stable|sentence)$")
    twoWay: bool = False
    sourceLanguageLabel: str = Field("", max_length=200)
    targetLanguageLabel: str = Field("", max_length=200)
    context: str = Field("", max_length=CONTEXT_CHARACTERS)

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.audioOutputEnabled and self.voiceType not in ("male", "female"):
            raise ValueError("voiceType: use 'male' or 'female'")
        if self.twoWay and self.auto:
            raise ValueError("twoWay needs two languages; sourceLanguage is 'auto'")
        if self.twoWay and same_language(canonical(self.sourceLanguage), canonical(self.targetLanguage)):
            raise ValueError("twoWay needs two languages; sourceLanguage and targetLanguage are the same")
        return self

    @property
    def auto(self) -> bool:
        """Whether the spoken language is to be detected."""
        return self.sourceLanguage.lower() == "auto"

    @property
    def stable(self) -> bool:
        """Whether spans become final as they lock in; `twoWay` always uses `sentence`."""
        return self.finalizeMode == "stable" and not self.twoWay

    def spec(self) -> ev.Spec:
        """The spec of the session.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`, when a language is no tag.
        """
        source = () if self.auto else (canonical(self.sourceLanguage),)
        target = canonical(self.targetLanguage)
        both = (*source, target)
        track = ev.TrackSpec(
            source_languages=both if self.twoWay else source,
            target_languages=both if self.twoWay else (target,),
            two_way=self.twoWay,
        )
        labels = [(source[0] if source else "", self.sourceLanguageLabel), (target, self.targetLanguageLabel)]
        return ev.Spec(
            dialect=NAME,
            tracks=(track,),
            interim=True,
            stability=ev.Stability.LIVE,
            # The page: only speech in sourceLanguage is transcribed.
            other_languages=ev.OtherLanguages.UNSPECIFIED if self.twoWay else ev.OtherLanguages.LEAVE_OUT,
            speech=self.audioOutputEnabled,
            voices=(ev.VoiceChoice(voice=self.voiceType),) if self.audioOutputEnabled else (),
            context=self.context,
            labels=tuple(ev.Label(language=language, text=text) for language, text in labels if text),
        )
