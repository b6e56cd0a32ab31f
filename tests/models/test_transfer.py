"""One file: gone on with where it broke off, checked as a whole, within bounds."""

import errno
import hashlib
import itertools
from pathlib import Path

import pytest

from dragoman_models import transfer
from dragoman_models.errors import Broken, Missing, ModelError, SourceError
from dragoman_models.transfer import Expected, Fetcher, Limits, Meter, git_sum, size_of, verify, writing
from tests.models.places import MemoryPlace

DATA = bytes(range(256)) * 40
SUM = hashlib.sha256(DATA).hexdigest()
WANTED = Expected(len(DATA), SUM)
QUICK = Limits(tries=3, backoff_s=0.0)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sub" / "model.bin"


def fetched(place: MemoryPlace, target: Path, wanted: Expected = WANTED, limits: Limits = QUICK) -> int:
    """Fetch; how much the meter counted."""
    fetcher = Fetcher(limits, Meter())
    fetcher.fetch(place, "model.bin", target, wanted)
    return fetcher.meter.done


def test_a_file_comes_whole_and_is_counted(target: Path) -> None:
    assert fetched(MemoryPlace({"model.bin": DATA}), target) == len(DATA)
    assert target.read_bytes() == DATA and not target.with_name("model.bin.part").exists()


def test_a_transfer_that_breaks_goes_on_where_it_stopped(target: Path) -> None:
    place = MemoryPlace({"model.bin": DATA}, {"model.bin": [3000, 7000]})
    assert fetched(place, target) == len(DATA)
    assert place.asked == [("model.bin", 0), ("model.bin", 3000), ("model.bin", 7000)]


def test_a_place_without_ranges_begins_again_and_counts_nothing_twice(target: Path) -> None:
    place = MemoryPlace({"model.bin": DATA}, {"model.bin": [3000]}, ranges=False)
    assert fetched(place, target) == len(DATA)
    assert target.read_bytes() == DATA


def test_it_gives_up_after_its_tries_and_keeps_what_came(target: Path) -> None:
    place = MemoryPlace({"model.bin": DATA}, {"model.bin": [1000, 2000, 3000, 4000]})
    with pytest.raises(Broken):
        fetched(place, target)
    assert size_of(target.with_name("model.bin.part")) == 3000
    assert fetched(place, target) == len(DATA)  # the next pull goes on with it


def test_an_answer_that_ends_too_early_is_asked_for_again(target: Path) -> None:
    class Short(MemoryPlace):
        def _blocks(self, name: str, data: bytes, begin: int) -> "itertools.chain[bytes]":
            return itertools.chain([data[begin : begin + 4000]])

    place = Short({"model.bin": DATA})
    assert fetched(place, target) == len(DATA)
    assert [offset for _, offset in place.asked] == [0, 4000, 8000]


def test_a_rest_of_another_file_is_thrown_away(target: Path) -> None:
    target.parent.mkdir()
    target.with_name("model.bin.part").write_bytes(b"x" * 500)
    assert fetched(MemoryPlace({"model.bin": DATA}), target) == len(DATA)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Expected(len(DATA) - 1), "has 10240 bytes, expected 10239"),
        (Expected(sha256="0" * 64), "has sha256"),
        (Expected(git="0" * 40), "has git sum"),
    ],
)
def test_another_file_than_the_one_expected_is_refused_and_not_kept(
    target: Path, wanted: Expected, why: str
) -> None:
    with pytest.raises(SourceError, match=why):
        fetched(MemoryPlace({"model.bin": DATA}), target, wanted)
    assert not target.exists() and size_of(target.with_name("model.bin.part")) == 0


def test_a_file_that_nobody_measured_may_not_be_endless(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "LARGEST", 5000)
    with pytest.raises(SourceError, match="larger than 5000 bytes"):
        fetched(MemoryPlace({"model.bin": DATA}, told=False), target, Expected())


def test_a_missing_file_is_not_asked_for_again(target: Path) -> None:
    place = MemoryPlace()
    with pytest.raises(Missing):
        fetched(place, target)
    assert len(place.asked) == 1


def test_a_transfer_that_crawls_is_given_up(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 30.0)
    monkeypatch.setattr("dragoman_models.transfer.time.monotonic", lambda: next(clock))
    with pytest.raises(Broken, match=r"only .* bytes came in"):
        fetched(MemoryPlace({"model.bin": DATA}, block=10), target, limits=Limits(tries=1))


def test_a_fast_transfer_may_take_long(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 15.0)
    monkeypatch.setattr("dragoman_models.transfer.time.monotonic", lambda: next(clock))
    place = MemoryPlace({"model.bin": DATA * 20}, block=51_200)
    assert fetched(place, target, Expected(), Limits(tries=1)) == len(DATA) * 20


def test_when_the_time_is_over_it_is_left_for_the_next_pull(target: Path) -> None:
    with pytest.raises(SourceError, match="the next pull goes on"):
        fetched(MemoryPlace({"model.bin": DATA}), target, limits=Limits(until=0.0))


def test_a_small_file_is_read_up_to_its_limit() -> None:
    place = MemoryPlace({"about.json": DATA})
    assert Fetcher().read(place, "about.json", len(DATA)) == DATA
    with pytest.raises(SourceError, match="larger than 100 bytes"):
        Fetcher().read(place, "about.json", 100)


def test_a_git_sum_is_the_one_that_git_gives(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello\n")
    assert git_sum(tmp_path / "a") == "ce013625030ba8dba906f756967f9e9ca394464a"
    verify(tmp_path / "a", Expected(6, git="ce013625030ba8dba906f756967f9e9ca394464a"), "a")
    with pytest.raises(SourceError, match="has 0 bytes"):
        verify(tmp_path / "nothing", Expected(6), "nothing")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "no space left in .*: make room, or set DRAGOMAN_MODELS_DIR"),
        (errno.EROFS, "cannot be written to"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_an_error_of_the_disk_says_what_to_do(number: int, told: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=told), writing(tmp_path):
        raise OSError(number, "Input/output error")
