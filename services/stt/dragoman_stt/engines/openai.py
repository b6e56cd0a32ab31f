"""`audio/transcriptions` as of OpenAI: the cloud, or a server of one's own (vLLM, speaches, LocalAI …)."""

import io
import wave
from math import exp
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.languages import best_match, same_language
from dragoman_kit.hosted import Blocking, Hosted
from dragoman_stt.engines.base import Audio, DecodeOptions, HeardWord, Hypothesis
from dragoman_stt.engines.plausible import THROWN, held, silent, total_s
from dragoman_stt.respelling import respelled
from dragoman_stt.settings import OpenAISettings

MOST_PROMPT = 800  # characters: Whisper looks at the last 224 tokens
# Whisper's languages: verbose_json tells one by its English name.
CODES = {
    "afrikaans": "af", "amharic": "am", "arabic": "ar", "assamese": "as", "azerbaijani": "az",
    "bashkir": "ba", "belarusian": "be", "bulgarian": "bg", "bengali": "bn", "tibetan": "bo",
    "breton": "br", "bosnian": "bs", "catalan": "ca", "czech": "cs", "welsh": "cy", "danish": "da",
    "german": "de", "greek": "el", "english": "en", "spanish": "es", "estonian": "et", "basque": "eu",
    "persian": "fa", "finnish": "fi", "faroese": "fo", "french": "fr", "galician": "gl", "gujarati": "gu",
    "hausa": "ha", "hawaiian": "haw", "hebrew": "he", "hindi": "hi", "croatian": "hr",
    "haitian creole": "ht", "hungarian": "hu", "armenian": "hy", "indonesian": "id", "icelandic": "is",
    "italian": "it", "japanese": "ja", "javanese": "jw", "georgian": "ka", "kazakh": "kk", "khmer": "km",
    "kannada": "kn", "korean": "ko", "latin": "la", "luxembourgish": "lb", "lingala": "ln", "lao": "lo",
    "lithuanian": "lt", "latvian": "lv", "malagasy": "mg", "maori": "mi", "macedonian": "mk",
    "malayalam": "ml", "mongolian": "mn", "marathi": "mr", "malay": "ms", "maltese": "mt", "myanmar": "my",
    "nepali": "ne", "dutch": "nl", "nynorsk": "nn", "norwegian": "no", "occitan": "oc", "punjabi": "pa",
    "polish": "pl", "pashto": "ps", "portuguese": "pt", "romanian": "ro", "russian": "ru", "sanskrit": "sa",
    "sindhi": "sd", "sinhala": "si", "slovak": "sk", "slovenian": "sl", "shona": "sn", "somali": "so",
    "albanian": "sq", "serbian": "sr", "sundanese": "su", "swedish": "sv", "swahili": "sw", "tamil": "ta",
    "telugu": "te", "tajik": "tg", "thai": "th", "turkmen": "tk", "tagalog": "tl", "turkish": "tr",
    "tatar": "tt", "ukrainian": "uk", "urdu": "ur", "uzbek": "uz", "vietnamese": "vi", "yiddish": "yi",
    "yoruba": "yo", "cantonese": "yue", "chinese": "zh",
}  # fmt: skip


class OpenAI:
    """One request a decode; the server keeps nothing of a track."""

    name = "openai"

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        given = [tag.strip() for tag in settings.languages.split(",") if tag.strip()]
        self._languages = given or list(CODES.values())
        self._server = Blocking(lambda: Hosted(self.name, settings))

    def languages(self) -> list[str]:
        """Return the languages of the settings, or Whisper's."""
        return list(self._languages)

    def warm(self) -> None:
        """Nothing: a request may cost money."""

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Decode a window at the server, which finds the spoken one of several languages."""
        known = [best_match(tag, self._languages) or tag for tag in options.languages]
        if not (options.final or self._settings.interims):
            return Hypothesis("", known[0] if known else "", 0.0)
        heard = self._ask(audio, options, known[0] if len(known) == 1 else "")
        if known and not any(same_language(heard.language, tag) for tag in known):
            heard = self._ask(audio, options, known[0])
        shorter = held(heard, total_s(options.speech) or len(audio) / SAMPLE_RATE)
        if shorter.text != heard.text:
            THROWN.labels("repeat").inc()
        return respelled(shorter, options.languages)

    def close(self) -> None:
        """Let the connections go."""
        self._server.close()

    def _ask(self, audio: Audio, options: DecodeOptions, language: str) -> Hypothesis:
        answer = self._server.ask(
            "POST",
            "/audio/transcriptions",
            _Transcription,
            files={"file": ("audio.wav", wav(audio), "audio/wav")},
            data=self._fields(options, language),
        )
        return hypothesis(answer, language, len(audio) * 1000 // SAMPLE_RATE)

    def _fields(self, options: DecodeOptions, language: str) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "model": options.settings.get("model") or self._settings.model,
            "response_format": self._settings.format,
            "temperature": "0",
        }
        if language:
            fields["language"] = language
        if prompt := hint(options):
            fields["prompt"] = prompt
        if self._settings.format == "verbose_json":
            fields["timestamp_granularities[]"] = ["word", "segment"] if options.final else ["segment"]
        return fields


class _Word(BaseModel):
    word: str
    start: float = Field(ge=0, le=3600)
    end: float = Field(ge=0, le=3600)
    probability: float | None = None


class _Segment(BaseModel):
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    text: str = ""


class _Transcription(BaseModel):
    text: str
    language: str | None = None
    words: list[_Word] | None = Field(None, max_length=2000)
    segments: list[_Segment] | None = Field(None, max_length=500)


def wav(audio: Audio) -> bytes:
    """The window as a WAV file of 16-bit samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()


def hint(options: DecodeOptions) -> str:
    """Context, then vocabulary: of a prompt that is too long Whisper looks at the end."""
    words = ", ".join(options.vocabulary)[:MOST_PROMPT]
    room = max(0, MOST_PROMPT - len(words) - 1)
    context = options.context.strip()[-room:] if room else ""
    return f"{context} {words}".strip()


def hypothesis(answer: _Transcription, language: str, longest_ms: int) -> Hypothesis:
    """Return the server's text, without words that it made up of silence."""
    told = (answer.language or "").strip().lower()
    code = language or CODES.get(told, told)
    segments = answer.segments or []
    if segments and all(map(_silent, segments)):
        THROWN.labels("silence").inc(bool(answer.text.strip()))
        return Hypothesis("", code, 0.0)
    text = answer.text.strip()
    if not any(map(str.isalnum, text)):
        return Hypothesis("", code, 0.0)
    sure = [segment.avg_logprob for segment in segments if segment.avg_logprob is not None]
    confidence = exp(min(0.0, sum(sure) / len(sure))) if sure else 0.0
    words = _words(text, answer.words or [], confidence, longest_ms)
    return Hypothesis(text, code, 1.0 if code else 0.0, words, confidence)


def _silent(segment: _Segment) -> bool:
    silence, sure = segment.no_speech_prob, segment.avg_logprob
    return silence is not None and sure is not None and silent(silence, sure, segment.text)


def _words(text: str, words: list[_Word], confidence: float, longest_ms: int) -> tuple[HeardWord, ...]:
    pieces = spelled(text, [word.word for word in words])
    return tuple(
        HeardWord(
            piece,
            min(longest_ms, round(word.start * 1000)),
            min(longest_ms, round(max(word.start, word.end) * 1000)),
            confidence if word.probability is None else word.probability,
        )
        for piece, word in zip(pieces, words, strict=True)
    )


def spelled(text: str, words: list[str]) -> list[str]:
    """The words as the text has them, with the space before and the punctuation after; joined: the text.

    Servers tell words bare. Where they are not those of the text, each gets a space.
    """
    low, place, begins = text.casefold(), 0, [0]
    for number, word in enumerate(words):
        bare = word.strip().casefold()
        place = low.find(bare, place)
        if place < 0 or len(low) != len(text):
            return [f" {word.strip()}" for word in words]
        if number:
            begins.append(len(text[:place].rstrip()))
        place += len(bare)
    return (
        [text[begin:end] for begin, end in zip(begins, [*begins[1:], len(text)], strict=True)]
        if words
        else []
    )
