"""A model is fetched whole or not at all, whatever its source does."""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dragoman_models import catalogue, transfer
from dragoman_models.catalogue import Item, Model, Source, SourceKind
from dragoman_models.errors import Broken, ModelError
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import STAGING, remove
from tests.models.conftest import FILES, PullerOf, Serve, digest, model, packed, site_of

pytestmark = pytest.mark.integration

BIN = "/models/model.bin.gz"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "model.json"}


def test_packed_files_become_a_checked_model(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    puller = puller_of(model(site.url + "/models"))
    seen: list[int] = []
    puller.begin = lambda model: seen.append
    folder = puller.ensure("en-es")
    assert folder == puller.folder.path / "small-en-es" and contents(folder) == FILES
    (installed,) = puller.folder.installed()
    assert {file.path: file.sha256 for file in installed.files} == {n: digest(d) for n, d in FILES.items()}
    assert installed.sources == puller.known.models["small-en-es"].sources
    assert seen[-1] == sum(len(packed(data)) for data in FILES.values()) and seen == sorted(seen)
    assert puller.folder.checked("small-en-es") == folder


def test_what_is_there_is_not_fetched_again(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    puller = puller_of(model(site.url + "/models"))
    puller.ensure("small-en-es")
    asked = len(site.asked)
    puller.ensure("small-en-es")
    assert len(site.asked) == asked


def test_a_damaged_model_is_fetched_again(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    puller = puller_of(model(site.url + "/models"))
    folder = puller.ensure("small-en-es")
    opened = (folder / "lex.bin").open("rb")  # who uses it keeps it
    (folder / "model.bin").write_bytes(b"changed")
    with pytest.raises(ModelError, match=r"model.bin has sha256 .*, expected .*delete it and pull it again"):
        puller.folder.checked("small-en-es")
    assert contents(puller.ensure("small-en-es")) == FILES
    assert opened.read() == FILES["lex.bin"]
    opened.close()


def test_a_model_may_be_removed_while_it_is_used(serve: Serve, puller_of: PullerOf) -> None:
    puller = puller_of(model(serve(site_of()).url + "/models"))
    folder = puller.ensure("small-en-es")
    with (folder / "model.bin").open("rb") as opened:
        remove(puller.folder, "small-en-es")
        assert opened.read() == FILES["model.bin"]
    assert puller.folder.installed() == []
    with pytest.raises(ModelError, match="'small-en-es' is not installed: dragoman models pull small-en-es"):
        puller.folder.checked("small-en-es")
    with pytest.raises(ModelError, match="not installed"):
        remove(puller.folder, "small-en-es")


def test_a_file_without_a_sum_is_the_same_when_it_is_pulled_again(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    unpinned = (Item("vocab.spm"), Item("lex.bin"), Item("model.bin"))
    for path, data in FILES.items():
        site.files[f"/plain/{path}"] = data
    source = Source(SourceKind.SITE, site.url + "/plain", unpinned)
    puller = puller_of(model(site.url, sources=(source,)))
    puller.ensure("small-en-es")
    remove(puller.folder, "small-en-es")
    site.files["/plain/vocab.spm"] = b"others"
    with pytest.raises(ModelError, match=r"vocab\.spm has sha256 \w+; it had \w+ when it was first pulled"):
        puller.ensure("small-en-es")
    site.files["/plain/vocab.spm"] = FILES["vocab.spm"]
    assert contents(puller.ensure("small-en-es")) == FILES


# Breaks


def test_a_model_that_no_sums_are_known_of_is_refused_before_it_is_fetched_unless_it_is_trusted(
    serve: Serve, puller_of: PullerOf
) -> None:
    site = serve(site_of())
    for path, data in FILES.items():
        site.files[f"/plain/{path}"] = data
    source = Source(SourceKind.SITE, site.url + "/plain", tuple(map(Item, FILES)))
    puller = puller_of(model(site.url, sources=(source,)))
    puller.trusting = False
    with pytest.raises(ModelError, match=r"no sums are known [^$]*DRAGOMAN_MODELS_TRUST_FIRST_PULL=true"):
        puller.ensure("small-en-es")
    assert not site.asked
    puller.trusting = True
    puller.ensure("small-en-es")
    remove(puller.folder, "small-en-es")
    puller.trusting = False
    assert contents(puller.ensure("small-en-es")) == FILES, "its sums are known by now"


def test_a_pinned_model_needs_no_trust(serve: Serve, puller_of: PullerOf) -> None:
    puller = puller_of(model(serve(site_of()).url + "/models"))
    puller.trusting = False
    assert contents(puller.ensure("small-en-es")) == FILES


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(serve: Serve, puller_of: PullerOf) -> None:
    site = site_of()
    site.cut[BIN] = [1000, 500]
    serve(site)
    assert contents(puller_of(model(site.url + "/models")).ensure("small-en-es")) == FILES
    assert site.bodies(BIN) == ["", "bytes=1000-", "bytes=1500-"]


def test_the_next_pull_goes_on_where_the_last_one_gave_up(serve: Serve, puller_of: PullerOf) -> None:
    site = site_of()
    site.cut[BIN] = [700, 0, 0, 0]
    serve(site)
    with pytest.raises(ModelError, match=r"small-en-es could not be fetched: site: .* broke off"):
        puller_of(model(site.url + "/models")).ensure("small-en-es")
    site.cut.clear()
    site.asked.clear()
    assert contents(puller_of(model(site.url + "/models")).ensure("small-en-es")) == FILES
    assert site.bodies(BIN) == ["bytes=700-"]


def test_a_server_without_ranges_begins_again(serve: Serve, puller_of: PullerOf) -> None:
    site = site_of()
    site.ranges = False
    site.cut[BIN] = [1000]
    serve(site)
    assert contents(puller_of(model(site.url + "/models")).ensure("small-en-es")) == FILES


def test_what_an_earlier_try_left_of_something_else_is_thrown_away(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    puller = puller_of(model(site.url + "/models"))
    parts = puller.folder.path / STAGING / "small-en-es" / "parts"
    parts.mkdir(parents=True)
    left = parts / f"{digest(packed(FILES['model.bin']))[:16]}-model.bin.gz.part"
    left.write_bytes(b"x" * 100)
    assert contents(puller.ensure("small-en-es")) == FILES
    assert site.bodies(BIN) == ["bytes=100-", ""]


def test_a_transfer_that_stands_still_is_given_up(serve: Serve, puller_of: PullerOf) -> None:
    site = site_of()
    site.stall[BIN] = 10
    serve(site)
    with pytest.raises(ModelError, match="stopped sending"):
        puller_of(model(site.url + "/models"), limits=transfer.Limits(stall_s=0.3, tries=3)).ensure(
            "small-en-es"
        )
    site.over.set()


def test_a_transfer_that_drips_is_given_up(serve: Serve, puller_of: PullerOf) -> None:
    fetcher = transfer.Fetcher(transfer.Limits(stall_s=0.05))

    def drip() -> object:
        for _ in range(20):
            time.sleep(0.01)
            yield b"x"

    with pytest.raises(Broken, match=r"only .* bytes came"):
        list(fetcher._paced(drip()))  # type: ignore[arg-type]


def test_nothing_is_waited_for_after_the_deadline(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    over = transfer.Limits(until=time.monotonic() - 1)
    with pytest.raises(ModelError, match="takes too long; the next pull goes on"):
        puller_of(model(site.url + "/models"), limits=over).ensure("small-en-es")


# Lies


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: data[:-1] + b"?", "has sha256"),
        (lambda data: data[:-9], "bytes, expected"),
        (lambda data: data + b"more", "bytes, expected"),
        (lambda data: b"", "bytes, expected"),
        (lambda data: b"<html>not found</html>", "bytes, expected"),
    ],
)
def test_files_that_are_not_what_they_should_be_are_refused(
    serve: Serve, puller_of: PullerOf, change: object, told: str
) -> None:
    site = site_of()
    site.files[BIN] = change(site.files[BIN])  # type: ignore[operator]
    serve(site)
    puller = puller_of(model(site.url + "/models"))
    with pytest.raises(ModelError, match=told):
        puller.ensure("small-en-es")
    assert puller.folder.names() == []
    assert [path.name for path in puller.folder.path.iterdir()] == [STAGING]


@pytest.mark.parametrize(("status", "told"), [(404, "the site has it not"), (403, "403"), (503, "503")])
def test_a_status_is_told(serve: Serve, puller_of: PullerOf, status: int, told: str) -> None:
    site = site_of()
    site.status[BIN] = status
    serve(site)
    with pytest.raises(ModelError, match=told):
        puller_of(model(site.url + "/models")).ensure("small-en-es")


def test_a_redirect_is_followed_and_an_endless_one_is_not(serve: Serve, puller_of: PullerOf) -> None:
    site = site_of()
    site.files["/elsewhere"] = site.files.pop(BIN)
    site.redirects[BIN] = "/elsewhere"
    serve(site)
    assert contents(puller_of(model(site.url + "/models")).ensure("small-en-es")) == FILES
    site.redirects["/models/lex.bin.gz"] = "/models/lex.bin.gz"
    remove(ModelFolder(puller_of().folder.path), "small-en-es")
    with pytest.raises(ModelError, match="redirects without an end"):
        puller_of(model(site.url + "/models")).ensure("small-en-es")


def test_a_packed_file_that_becomes_too_large_is_refused(serve: Serve, puller_of: PullerOf) -> None:
    bomb = packed(bytes(50_000_000))
    site = site_of()
    site.files["/models/lex.bin.gz"] = bomb
    serve(site)
    good = model(site.url + "/models")
    items = tuple(
        Item(i.name, i.path, len(bomb), digest(bomb)) if i.path == "lex.bin" else i
        for i in good.sources[0].items
    )
    puller = puller_of(model(site.url, sources=(Source(SourceKind.SITE, site.url + "/models", items),)))
    with pytest.raises(ModelError, match="unpacks to more than"):
        puller.ensure("small-en-es")
    assert puller.folder.names() == []


# The next source


def test_the_next_source_is_asked_when_one_fails(serve: Serve, puller_of: PullerOf) -> None:
    good, bad = serve(site_of()), site_of()
    bad.files[BIN] = b"rubbish"
    serve(bad)
    first, second = model(bad.url + "/models").sources[0], model(good.url + "/models").sources[0]
    puller = puller_of(model("", sources=(first, second)))
    assert contents(puller.ensure("small-en-es")) == FILES


def test_a_source_that_does_not_answer_costs_its_time_once(puller_of: PullerOf) -> None:
    puller = puller_of(model("http://127.0.0.1:9/a"), model("http://127.0.0.1:9/a", "second"))
    for name in ("small-en-es", "second"):
        with pytest.raises(ModelError, match=r"127\.0\.0\.1:9 does not answer"):
            puller.ensure(name)
    assert puller._net._answered == {"127.0.0.1:9": False}


def test_a_host_that_no_proxy_reaches_is_asked_once(
    puller_of: PullerOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    puller = puller_of(model("http://models.example.com/a"))
    with pytest.raises(ModelError, match=r"models\.example\.com/a does not answer"):
        puller.ensure("small-en-es")
    with pytest.raises(ModelError, match=r"models\.example\.com:80 does not answer"):
        puller.ensure("small-en-es")


def test_of_a_pair_the_next_best_model_is_taken_and_that_is_told(
    serve: Serve, puller_of: PullerOf, lines: list[str]
) -> None:
    best = model("http://127.0.0.1:9/x", "best", quality=(catalogue.Quality("en", "es", 60.0),))
    puller = puller_of(best, model(serve(site_of()).url + "/models"))
    assert puller.ensure("en-es").name == "small-en-es"
    (line,) = lines
    assert line.startswith("en-es: small-en-es, because best could not be fetched: site: 127.0.0.1:9 ")
    assert puller.ensure("en-es").name == "small-en-es"
    assert len(lines) == 1


# Licences and permissions


def test_a_model_not_for_commercial_use_must_be_accepted(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    wanted = model(site.url + "/models", licence="CC-BY-NC-4.0", commercial=False)
    with pytest.raises(ModelError, match=r"CC-BY-NC-4.0, not for commercial use: accept it with --accept-"):
        puller_of(wanted).ensure("small-en-es")
    assert site.asked == []
    assert puller_of(wanted, accepted={"CC-BY-NC-4.0"}).ensure("small-en-es")


def test_nothing_is_fetched_where_that_is_off(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    with pytest.raises(ModelError, match="not installed, and DRAGOMAN_MODELS_FETCH is off"):
        puller_of(model(site.url + "/models"), allowed=False).ensure("small-en-es")
    assert site.asked == []


# The file system


def test_too_little_space_is_told_before_anything_is_fetched(serve: Serve, puller_of: PullerOf) -> None:
    site = serve(site_of())
    with pytest.raises(ModelError, match=r"no space left in .*needs \d+ MB"):
        puller_of(model(site.url + "/models", size=1 << 60)).ensure("small-en-es")
    assert site.asked == []


LIMITED = """
import resource, sys
from pathlib import Path
from dragoman_models import catalogue
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import Puller
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
known = catalogue.read(sys.stdin.buffer.read())
Puller(ModelFolder(Path(sys.argv[1]), known), known).ensure("small-en-es")
"""


def run(code: str, folder: Path, wanted: Model) -> "subprocess.Popen[str]":
    """Python in a process of its own, with the catalogue on its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps([catalogue.plain(wanted)]))
    process.stdin.close()
    process.stdin = None
    return process


def test_a_disk_that_becomes_full_leaves_nothing_behind(serve: Serve, tmp_path: Path) -> None:
    site = serve(site_of())
    process = run(LIMITED, tmp_path / "models", model(site.url + "/models"))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"ModelError: no space left in {tmp_path}" in said
    assert [path.name for path in (tmp_path / "models" / STAGING).iterdir()] == ["small-en-es.lock"]
    assert ModelFolder(tmp_path / "models").names() == []


def test_errors_of_the_file_system_say_what_to_do(tmp_path: Path) -> None:
    for number, told in ((errno.EROFS, "cannot be written to"), (errno.EDQUOT, "no space left")):
        with pytest.raises(ModelError, match=f"{told}.*set DRAGOMAN_MODELS_DIR"), transfer.writing(tmp_path):
            raise OSError(number, os.strerror(number))


def test_a_folder_that_is_none_is_told(serve: Serve, puller_of: PullerOf, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelError, match=r"models cannot be written to .*set DRAGOMAN_MODELS_DIR"):
        puller_of(model(serve(site_of()).url + "/models")).ensure("small-en-es")


PULL = LIMITED.replace("resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))", "")


def test_two_processes_that_pull_the_same_do_not_fight(serve: Serve, tmp_path: Path) -> None:
    site = serve(site_of())
    processes = [run(PULL, tmp_path / "models", model(site.url + "/models")) for _ in range(3)]
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert site.bodies(BIN) == [""]
    assert contents(tmp_path / "models" / "small-en-es") == FILES


def test_who_waits_for_another_process_says_so(serve: Serve, puller_of: PullerOf, lines: list[str]) -> None:
    site = site_of()
    site.stall[BIN] = 10
    serve(site)
    first, second = (puller_of(model(site.url + "/models")) for _ in range(2))
    first.limits = transfer.Limits(stall_s=20)
    first._net = type(first._net)(first.limits)
    begun = threading.Thread(target=first.ensure, args=("small-en-es",))
    begun.start()
    while not site.asked:
        time.sleep(0.01)
    waiting = threading.Thread(target=second.ensure, args=("small-en-es",))
    waiting.start()
    while not lines:
        time.sleep(0.01)
    site.stall.clear()
    site.over.set()  # the first goes on too, by another try
    begun.join(30)
    waiting.join(30)
    assert "another process fetches it; waiting" in lines[0]
    assert contents(second.folder.path / "small-en-es") == FILES
