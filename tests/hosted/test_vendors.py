"""The servers that stand in for vendors' speak their protocols: the vendors' own clients say so."""

import io
import wave
from typing import Any

import deepl
import openai
import pytest

from tests.hosted import chat_server, text_servers
from tests.hosted.stand import KEY, standing

HI: Any = [{"role": "user", "content": "Hi"}]


def wav() -> io.BytesIO:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(32_000))
    out.seek(0)
    out.name = "audio.wav"
    return out


def test_openais_client_understands_the_stand_in() -> None:
    with standing(chat_server.application()) as server:
        client = openai.OpenAI(api_key=KEY, base_url=f"{server.url}/v1", max_retries=0)
        said = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Good morning."}], temperature=0
        )
        assert said.choices[0].message.content == "Buenos días."
        heard = client.audio.transcriptions.create(
            file=wav(), model="w", response_format="verbose_json", timestamp_granularities=["word"]
        )
        assert heard.language == "english" and heard.words is not None and heard.words[0].word == "Hello"
        spoken = client.audio.speech.create(model="t", voice="alloy", input="Hi", response_format="pcm")
        assert spoken.read() == chat_server.sound_of("Hi")
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="sk-other").chat.completions.create(model="m", messages=HI)
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="absent", messages=HI)
        client.close()


def test_deepls_client_understands_the_stand_in() -> None:
    with standing(text_servers.deepl()) as server:
        client = deepl.DeepLClient(KEY, server_url=server.url)
        said = client.translate_text("Hi", source_lang="EN", target_lang="PT-BR", formality="prefer_less")
        assert isinstance(said, deepl.TextResult) and said.text == "PT-BR:Hi"
        assert "PT-PT" in [language.code for language in client.get_target_languages()]
        with pytest.raises(deepl.DeepLException, match="not supported"):
            client.translate_text("Hi", source_lang="EN", target_lang="TLH")
        client.close()  # type: ignore[no-untyped-call]
        with pytest.raises(deepl.AuthorizationException):
            deepl.DeepLClient("other", server_url=server.url).get_source_languages()
