"""A recording is read as one file, as long as what was sent, and nothing of it is out of its place."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from dragoman_archive.recordings import ogg
from dragoman_archive.recordings.intake import RecordingIntake
from dragoman_archive.recordings.reading import MOST_BYTES, Recordings
from dragoman_archive.recordings.store import AudioStore
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.media.opus import FRAME
from dragoman_edge.media.recorder import Place, TrackRecorder
from tests.support.audio_pieces import RATE, cuts_of, decoded, likeness, pieces_of, sound
from tests.support.recording_bus import RecordingBus


class Archive:
    """Intake and reading over one database and one folder."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self.store = AudioStore(f"file://{folder}", {})
        self.intake = RecordingIntake(RecordingBus().bus, vault, self.store)
        self.recordings = Recordings(vault, Tasks(vault), self.store)

    async def file(self, track: int = 0) -> bytes:
        known = {one.track: one for one in await self.recordings.tracks("a_1", "s_1")}
        data = b""
        while len(data) < known[track].bytes:
            data += await self.recordings.read("a_1", "s_1", track, len(data), MOST_BYTES)
        assert len(data) == known[track].bytes
        return data


@pytest.fixture
def archive(vault: Vault, tmp_path: Path) -> Archive:
    return Archive(vault, tmp_path / "audio")


@pytest.mark.parametrize("seconds", [0.01, 0.06, 4.8, 12.345])
async def test_a_recording_has_as_many_samples_as_were_sent_and_sounds_like_them(
    archive: Archive, seconds: float
) -> None:
    spoken = sound(seconds)
    for piece in reversed(pieces_of(cuts_of(spoken.tobytes()))):
        assert await archive.intake.keep(piece)
    heard = decoded(await archive.file())
    assert len(heard) == len(spoken)
    assert (await archive.recordings.tracks("a_1", "s_1"))[0].samples == len(spoken)
    if seconds > 1:
        for start in range(0, len(spoken) - RATE, RATE):
            assert likeness(heard[start : start + RATE], spoken[start : start + RATE]) > 0.95


async def test_pauses_keep_their_place_and_are_no_losses(archive: Archive) -> None:
    recorder, first, second = TrackRecorder(), sound(3, 1), sound(3, 2)
    cuts = recorder.take(0, first.tobytes()) + recorder.take(3 * RATE + 20 * RATE, second.tobytes())
    for piece in pieces_of(cuts + recorder.finish()):
        await archive.intake.keep(piece)
    heard = decoded(await archive.file())
    assert len(heard) == 26 * RATE
    assert likeness(heard[: 3 * RATE], first) > 0.95 and likeness(heard[23 * RATE :], second) > 0.95
    assert np.abs(heard[4 * RATE : 22 * RATE]).max() < 50
    assert (await archive.recordings.tracks("a_1", "s_1"))[0].missing_ms == 0


async def test_a_lost_piece_is_silence_in_its_place_and_told(archive: Archive) -> None:
    spoken = sound(16)
    pieces = pieces_of(cuts_of(spoken.tobytes()))
    for piece in (pieces[0], *pieces[2:]):
        await archive.intake.keep(piece)
    heard, track = decoded(await archive.file()), (await archive.recordings.tracks("a_1", "s_1"))[0]
    assert len(heard) == len(spoken) and track.missing_ms == len(pieces[1].packets) * 60
    start, end = pieces[1].start_frame * 960, pieces[2].start_frame * 960
    assert np.abs(heard[start + RATE // 2 : end - RATE // 2]).max() < 50
    assert likeness(heard[end + RATE :], spoken[end + RATE :]) > 0.95


async def test_another_edge_goes_on_without_a_hole(archive: Archive) -> None:
    spoken, at = sound(10), 4 * RATE + 333
    before = TrackRecorder(first=30)
    cuts = before.take(0, spoken[:at].tobytes())
    rest, place = before.hand_over()
    for piece in pieces_of(cuts + rest):
        await archive.intake.keep(piece)
    after = TrackRecorder(place=place)
    cuts = after.take(at, spoken[at:].tobytes()) + after.finish()
    for piece in pieces_of(cuts):
        await archive.intake.keep(piece)
    heard = decoded(await archive.file())
    assert len(heard) == len(spoken)
    for start in range(0, 9 * RATE, RATE // 2):
        assert likeness(heard[start : start + RATE], spoken[start : start + RATE]) > 0.95
    assert (await archive.recordings.tracks("a_1", "s_1"))[0].missing_ms == 0


async def test_another_edge_goes_on_as_clearly_where_the_first_was_killed(archive: Archive) -> None:
    """An encoder that has heard nothing before would begin with a bang."""
    spoken, place = sound(8, seed=4), Place(27)
    killed = TrackRecorder(first=27)
    cuts = killed.take(0, spoken[: 3 * RATE].tobytes())
    for piece in pieces_of(cuts):
        await archive.intake.keep(piece)
    after, begin = TrackRecorder(place=place), place.needed_from
    for piece in pieces_of(after.take(begin, spoken[begin:].tobytes()) + after.finish()):
        await archive.intake.keep(piece)
    heard, at = decoded(await archive.file()), 27 * FRAME
    for start in (at - FRAME, at):
        assert likeness(heard[start : start + FRAME], spoken[start : start + FRAME]) > 0.95


async def test_pieces_that_overlap_and_repeats_are_stored_once(archive: Archive) -> None:
    spoken = sound(9)
    first = pieces_of(cuts_of(spoken.tobytes()))
    later = pieces_of(cuts_of(spoken.tobytes(), TrackRecorder(first=17)))
    for piece in itertools.chain(first[:2], later, later):
        await archive.intake.keep(piece)
    heard = decoded(await archive.file())
    assert len(heard) == len(spoken)
    assert likeness(heard, spoken) > 0.9


async def test_what_two_edges_have_from_the_same_frame_on_is_whole(archive: Archive) -> None:
    """One stored a shorter piece as it stopped; the next one goes on from the record before that."""
    spoken = sound(9)
    stopped = TrackRecorder(first=30)
    cuts = stopped.take(0, spoken[: 3 * RATE].tobytes())
    rest, _ = stopped.hand_over()
    after = TrackRecorder(place=Place(30))
    later = pieces_of(after.take(30 * FRAME, spoken[30 * FRAME :].tobytes()) + after.finish())
    for piece in itertools.chain(pieces_of(cuts + rest), later):
        await archive.intake.keep(piece)
    assert likeness(decoded(await archive.file()), spoken) > 0.9
    assert (await archive.recordings.tracks("a_1", "s_1"))[0].missing_ms == 0


async def test_any_range_is_the_same_part_of_the_file(archive: Archive) -> None:
    for piece in pieces_of(cuts_of(sound(16).tobytes()))[1:]:
        await archive.intake.keep(piece)
    whole = await archive.file()
    for start in (0, 1, ogg.HEAD_SIZE - 1, ogg.HEAD_SIZE, 5000, len(whole) - 3, len(whole), len(whole) + 9):
        for limit in (1, 100, 20_000):
            part = await archive.recordings.read("a_1", "s_1", 0, start, limit)
            assert part == whole[start : start + limit]


async def test_tracks_have_files_of_their_own(archive: Archive) -> None:
    for track, seconds in ((0, 2), (1, 3)):
        for piece in pieces_of(cuts_of(sound(seconds, track).tobytes()), track=track):
            await archive.intake.keep(piece)
    assert [len(decoded(await archive.file(track))) for track in (0, 1)] == [2 * RATE, 3 * RATE]


async def test_another_accounts_recording_is_an_unknown_one(archive: Archive) -> None:
    for piece in pieces_of(cuts_of(sound(1).tobytes())):
        await archive.intake.keep(piece)
    for call in (archive.recordings.tracks("a_2", "s_1"), archive.recordings.read("a_2", "s_1", 0, 0, 100)):
        with pytest.raises(PeerError) as refused:
            await call
        assert refused.value.code is FaultCode.UNKNOWN_SESSION
    with pytest.raises(PeerError, match="no such recording"):
        await archive.recordings.read("a_1", "s_1", 1, 0, 100)
    with pytest.raises(PeerError, match="limit"):
        await archive.recordings.read("a_1", "s_1", 0, 0, MOST_BYTES + 1)


async def test_a_task_says_how_long_its_recording_is(archive: Archive, vault: Vault) -> None:
    for piece in pieces_of(cuts_of(sound(7).tobytes())):
        await archive.intake.keep(piece)
    assert (await Tasks(vault).get("a_1", "s_1")).audio_ms == 7000
    assert await Tasks(vault).stored("a_1", "s_1") == (False, 3)


def test_the_reply_to_a_request_fits_into_a_message() -> None:
    assert len(rpc.ReadAudioReply(data=bytes(MOST_BYTES)).data) < 1 << 20
