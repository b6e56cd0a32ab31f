"""What speakers of an API wish for, and what they refuse."""

import pytest

from dragoman_cli.load.speaker import WishError, Wishes


def test_of_several_targets_there_is_no_only_one() -> None:
    assert Wishes(targets=("es-ES",)).target == "es-ES"
    with pytest.raises(WishError, match="one language, not 2"):
        _ = Wishes(targets=("es-ES", "fr-FR")).target


def test_without_more_a_speaker_wants_everything() -> None:
    assert (Wishes().interim, Wishes().speech, Wishes().resume) == (True, True, False)
