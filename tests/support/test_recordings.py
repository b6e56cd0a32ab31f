"""Recordings of people: read from a folder, heard in several forms."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.recordings import FORMS, Recording, canonical, folder, load, noisy, telephone

SECOND = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32) / 4


def sound(path: Path, samples: np.ndarray = SECOND, rate: int = 16_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="PCM_16")


def loudest_hz(pcm: bytes) -> int:
    return int(np.abs(np.fft.rfft(np.frombuffer(pcm, "<i2"))).argmax() * 16_000 / (len(pcm) // 2))


def test_a_transcript_lies_beside_its_recording(tmp_path: Path) -> None:
    sound(tmp_path / "b.wav")
    sound(tmp_path / "more" / "a.wav")
    (tmp_path / "b.txt").write_text("One,\n two. ")
    assert [(one.name, one.text) for one in load(tmp_path)] == [("b", "One, two."), ("more/a", "")]


def test_a_manifest_says_language_style_and_words(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    sound(tmp_path / "not-listed.wav")
    (tmp_path / "manifest.tsv").write_text('file\tlanguage\tstyle\ttext\na.wav\tfr\tfree\tIl dit "oui".\n')
    (one,) = load(tmp_path)
    assert (one.language, one.style, one.text) == ("fr", "free", 'Il dit "oui".')


def test_a_manifest_that_names_a_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.tsv").write_text("file\nnowhere.wav\n")
    with pytest.raises(ValueError, match=r"nowhere\.wav"):
        load(tmp_path)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(ValueError, match=r"a\.wav is no sound"):
        load(tmp_path)


def test_any_rate_and_channels_become_canonical(tmp_path: Path) -> None:
    wide = np.interp(np.arange(44_100) / 44_100, np.arange(16_000) / 16_000, SECOND)
    sound(tmp_path / "a.wav", np.stack([wide, wide], axis=1), 44_100)
    pcm = canonical(tmp_path / "a.wav")
    assert len(pcm) == 32_000
    assert loudest_hz(pcm) == 440


def test_the_folder_is_the_one_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDINGS_DIR", str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.setenv("RECORDINGS_DIR", "")
    assert folder() is None
    monkeypatch.setenv("RECORDINGS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="not a folder"):
        folder()


@pytest.mark.parametrize(
    ("form", "length"), [("fast", 1 / 1.4), ("slow", 1 / 0.75), ("8 kHz", 1), ("noise", 1)]
)
def test_a_form_keeps_the_pitch_and_changes_the_length(form: str, length: float) -> None:
    one = Recording("a", np.tile((SECOND * 32767).astype("<i2"), 4).tobytes())
    heard = one.heard(form)
    assert heard.form == form
    assert heard.seconds == pytest.approx(4 * length, rel=0.1)
    assert loudest_hz(heard.pcm) == pytest.approx(440, abs=5)


def test_all_forms_have_a_name() -> None:
    assert list(FORMS) == ["as recorded", "fast", "slow", "8 kHz", "noise"]


def test_noise_is_15_db_below_the_speech() -> None:
    clean = np.frombuffer((SECOND * 32767).astype("<i2").tobytes(), "<i2").astype(float)
    added = np.frombuffer(noisy(clean.astype("<i2").tobytes()), "<i2") - clean
    assert 20 * np.log10(clean.std() / added.std()) == pytest.approx(15, abs=0.5)


def test_a_telephone_hears_nothing_above_4_khz() -> None:
    time = np.arange(16_000) / 16_000
    high = (np.sin(2 * np.pi * 6000 * time) * 16_000).astype("<i2").tobytes()
    assert np.abs(np.frombuffer(telephone(high), "<i2").astype(int))[2000:-2000].max() < 100
