"""One language in another script, in a text and in its words."""

import pytest

from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.respelling import respelled, respelled_words, respeller, respellings
from dragoman_stt.scripts import letters_of, writing


def words(*texts: str) -> tuple[HeardWord, ...]:
    return tuple(HeardWord(text, 100 * n, 100 * n + 80, 0.9) for n, text in enumerate(texts))


@pytest.mark.parametrize(
    ("tag", "given", "wanted"),
    [
        ("zh-CN", "請問圖書館在哪裡?", "请问图书馆在哪里?"),
        ("zh-Hans", "漢字 OK", "汉字 OK"),
        ("zh-TW", "请问图书馆在哪里?", "請問圖書館在哪裡?"),
        ("zh-HK", "里面", "裏面"),
        ("sr", "Ljubav nije džak.", "Љубав није џак."),
        ("sr-Latn", "Љубав није џак.", "Ljubav nije džak."),
        ("kn-IN", "İtihasa, samskruti 12.", "ಇತಿಹಸ, ಸಂಸ್ಕ್ರುತಿ 12."),
        ("gu-IN", "Jaakar manoranjan chhe", "જાકર મનોરંજન છે"),
        ("te", "namaskaram", "నమస్కరం"),
        ("pa", "sat sri akal", "ਸਤ ਸ੍ਰਿ ਅਕਲ"),
    ],
)
def test_a_text_is_put_into_the_script_of_the_tag(tag: str, given: str, wanted: str) -> None:
    change = respeller(writing(tag))
    assert change is not None
    assert change(given) == wanted
    assert change(wanted) == wanted


@pytest.mark.parametrize("script", ["bn", "gu", "pa", "kn", "ml", "or", "te"])
def test_no_latin_letter_is_left_in_an_indic_script(script: str) -> None:
    change = respeller(writing(script))
    assert change is not None
    assert "Latn" not in letters_of(
        change("the quick brown fox jumps over a lazy dog, vexing Çelik and quizzed")
    )


@pytest.mark.parametrize("tag", ["en", "hi", "ja", "uz-Cyrl", "nqo"])
def test_most_languages_are_left_as_they_are(tag: str) -> None:
    assert respeller(writing(tag)) is None


def test_words_are_changed_as_the_text_and_keep_their_times() -> None:
    heard = Hypothesis("請問圖書館。", "zh", 0.9, words("請問", "圖書", "館。"))
    changed = respelled(heard, ("en", "zh-CN"))
    assert changed.text == "请问图书馆。"
    assert [word.text for word in changed.words] == ["请问", "图书", "馆。"]
    assert [word.start_ms for word in changed.words] == [0, 100, 200]


def test_words_make_the_text_where_a_script_needs_more_letters() -> None:
    text, parts = respelled_words("Њива и", words("Њива", " и"), lambda text: text.replace("Њ", "Nj"))
    assert text == "Njива и" == "".join(part.text for part in parts)


def test_a_text_that_is_not_its_words_is_changed_by_itself() -> None:
    change = respeller(writing("zh-CN"))
    assert change is not None
    text, parts = respelled_words("圖書館", words("圖書"), change)
    assert (text, parts[0].text) == ("图书馆", "图书")


def test_a_detected_language_has_its_usual_script() -> None:
    assert respelled(Hypothesis("圖", "zh", 0.9), ()).text == "图"


def test_engines_gain_the_scripts_that_need_no_weights() -> None:
    assert respellings(["zh", "uz", "sr"]) == ["zh", "uz", "sr", "zh-Hant", "sr-Latn"]
