"""Languages of models: read from their vocabularies, named as BCP 47 does."""

from pathlib import Path

import pytest

from dragoman_translation.engines.ctranslate2.codes import Family, family_of, languages, match, named

# FLORES-200's codes, which are NLLB-200's.
NLLB = Path(__file__).with_name("nllb_codes.txt").read_text().split()
PIECES = ["<unk>", "<s>", "</s>", "▁the", "▁a", "_Latn", "<2translate>", "__", "<2xx>"]


def test_every_language_of_nllb_has_a_tag_of_its_own() -> None:
    found = languages([*PIECES, *NLLB], Family.NLLB)
    assert len(NLLB) > 200
    assert set(NLLB) - set(found.values()) <= {"twi_Latn"}  # Twi is Akan
    assert len(set(found)) == len(found) >= 200
    for tag, token in {
        "en": "eng_Latn", "zh-Hans": "zho_Hans", "zh-Hant": "zho_Hant", "sr-Cyrl": "srp_Cyrl",
        "ar": "arb_Arab", "ar-Latn": "arb_Latn", "fa": "pes_Arab", "fa-AF": "prs_Arab", "fil": "tgl_Latn",
        "ms": "zsm_Latn", "sw": "swh_Latn", "lv": "lvs_Latn", "nb": "nob_Latn", "yue": "yue_Hant",
        "ace": "ace_Latn", "ace-Arab": "ace_Arab", "he": "heb_Hebr", "ku": "kmr_Latn",
    }.items():  # fmt: skip
        assert found[tag] == token


def test_targets_of_opus_mt_are_read_with_their_regions_and_scripts() -> None:
    found = languages([*PIECES, ">>pt<<", ">>pt_BR<<", ">>cmn_Hant<<", ">>fra<<", ">>xx<<"], Family.OPUS_MT)
    assert found == {"pt": ">>pt<<", "pt-BR": ">>pt_BR<<", "zh-Hant": ">>cmn_Hant<<", "fr": ">>fra<<"}
    assert match("pt-BR", found) == "pt-BR"


def test_m2m100_and_madlad_are_read_from_their_tokens() -> None:
    m2m = languages([*PIECES, "__en__", "__ns__", "__tl__", "__zh__", "__sr__"], Family.M2M100)
    assert list(m2m) == ["en", "nso", "fil", "zh-Hans", "sr-Cyrl"]
    madlad = languages([*PIECES, "<2en>", "<2iw>", "<2ks_Deva>", "<2zh_Latn>"], Family.MADLAD)
    assert madlad == {"en": "<2en>", "he": "<2iw>", "ks-Deva": "<2ks_Deva>", "zh-Latn": "<2zh_Latn>"}


@pytest.mark.parametrize(
    ("tokens", "family"),
    [
        (["eng_Latn", "fra_Latn"], Family.NLLB),
        (["__en__", "__fr__"], Family.M2M100),
        (["<2en>", "<2fr>"], Family.MADLAD),
        ([], None),
    ],
)
def test_the_family_is_seen_in_the_vocabulary(tokens: list[str], family: Family | None) -> None:
    assert family_of([*PIECES, *tokens]) is family


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("zh-TW", "zh-Hant"), ("zh", "zh-Hans"), ("cmn-Hans-CN", "zh-Hans"), ("sr", "sr-Cyrl"),
        ("sr-Latn", None), ("en-US", "en"), ("iw", "he"), ("fa-AF", "fa-AF"), ("fa-IR", "fa"), ("ary", "ary"),
        ("tlh", None), ("", None), ("not a tag", None), ("in", "id"), ("tl-PH", "fil"),
    ],
)  # fmt: skip
def test_a_wanted_tag_finds_the_same_language_in_the_same_script(tag: str, found: str | None) -> None:
    assert match(tag, languages(NLLB, Family.NLLB)) == found


def test_what_names_no_language_has_no_tag() -> None:
    assert [named(code) for code in ("ROMANCE", "xx", "", "e n", "zh_hant")] == [
        None,
        None,
        None,
        None,
        "zh-Hant",
    ]
