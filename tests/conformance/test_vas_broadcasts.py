"""Broadcasts of the VAS API: a host on its socket, viewers by server-sent events, on a running mesh."""

import asyncio
import itertools
import re
from typing import Any

import httpx
import pytest

from dragoman_scripted.engines import SLOW, TRANSLATION, VOICE, trouble
from dragoman_scripted.tones import numbers
from tests.conformance import viewing
from tests.conformance.test_vas import Client, connected, heard, ticket
from tests.conformance.viewing import Data, Refused, host, made, viewer
from tests.support.waiting import WAIT_S

CLOCK = re.compile(r"\d\d:\d\d")
COUNTS = ("viewer_count", "queue_count", "peak_viewers", "total_viewers")


async def asked(edge: str, key: str, method: str, path: str, **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        url = f"{edge}/api/v1/broadcasts{path}"
        return await http.request(method, url, headers={"X-API-Key": key}, **more)


async def live(client: Client) -> None:
    await client.do("broadcast_go_live")
    await client.event("broadcast_phase_changed", phase="live")


@pytest.mark.shows("vas:broadcasts.language_not_supported")
async def test_a_broadcast_in_languages_that_are_not_served_is_not_made(edge: str, key: str) -> None:
    for wish in ({"translation_languages": ["es", "ja-JP"]}, {"transcription_language": "ja-JP"}):
        answer = await asked(edge, key, "POST", "", json={"transcription_language": "en"} | wish)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "language_not_supported")
        assert "possible" in answer.json()["message"]


@pytest.mark.shows(
    "vas:broadcasts.create", "vas:broadcasts.one", "vas:broadcasts.list", "vas:broadcasts.name",
    "vas:broadcasts.transcription_language", "vas:broadcasts.translation_languages",
    "vas:broadcasts.max_viewers", "vas:broadcasts.access_type", "vas:broadcasts.pass_code",
    "vas:broadcasts.standby_message", "vas:broadcasts.token", "vas:broadcasts.share_url",
)  # fmt: skip
async def test_a_broadcast_is_made_and_found(edge: str, key: str) -> None:
    wish = {
        "name": "Talk", "transcription_language": "en-US", "translation_languages": ["es-ES"],
        "max_viewers": 3, "access_type": "password", "pass_code": "open", "standby_message": "Soon",
    }  # fmt: skip
    data = await made(edge, key, **wish)
    assert re.fullmatch("[a-z0-9]{16}", data["token"])
    assert data["share_url"] == f"{edge}/broadcast/{data['token']}"
    assert {name for name in wish if data.get(name) != wish[name]} == {"pass_code"}  # never shown
    assert (data["status"], data["phase"], data["is_live"]) == ("pending", "standby", False)
    for name in (data["id"], data["token"]):
        assert (await asked(edge, key, "GET", f"/{name}")).json()["data"] == data
    page = (await asked(edge, key, "GET", "", params={"per_page": 100})).json()
    assert data in page["data"] and page["meta"]["current_page"] == 1


@pytest.mark.shows("vas:error.broadcast_not_found")
async def test_a_broadcast_that_is_not_there(edge: str, key: str) -> None:
    for name in ("zzzz", "no-such", "a.b", "*"):
        answer = await asked(edge, key, "GET", f"/{name}")
        assert (answer.status_code, answer.json()["error_code"]) == (404, "broadcast_not_found")
    assert (await asked(edge, "wrong", "GET", "/zzzz")).json()["error_code"] == "auth_invalid_api_key"
    with pytest.raises(Refused) as refused:
        async with viewer(edge, "zzzz"):
            pass
    assert (refused.value.status, refused.value.code) == (404, "broadcast_not_found")
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **viewing.BROADCAST, broadcast_id="zzzz")
        assert (await client.error())["error_code"] == "broadcast_not_found"
        assert await client.rest() == 1008


@pytest.mark.shows(
    "vas:session_started.broadcast", "vas:session_started.phase", "vas:session_started.viewer_count",
    "vas:session_started.queue_count", "vas:session_started.peak_viewers", "vas:broadcasts.status",
    "vas:session_started.total_viewers", "vas:session_started.recording_type.broadcast", "vas:viewer_count",
    "vas:viewer_joined", "vas:viewer_left", "vas:broadcasts.counts", "vas:viewer.viewer_connected",
    "vas:viewer.stream", "vas:start.broadcast_id",
)  # fmt: skip
async def test_a_host_hears_of_its_viewers(edge: str, key: str) -> None:
    async with host(edge, key) as (client, started):
        assert (started["recording_type"], started["phase"]) == ("broadcast", "standby")
        assert [started[name] for name in COUNTS] == [0, 0, 0, 0]
        async with viewer(edge, started["token"], lang="es") as one:
            connected_as = await one.event("viewer_connected")
            joined = await client.event("viewer_joined")
            assert joined["viewer"] == {"id": connected_as["viewer_id"], "ip": "127.0.0.1", "language": "es"}
            assert (joined["viewer_count"], joined["queue_count"]) == (1, 0)
            count = await client.event("viewer_count")
            assert [count[name] for name in COUNTS] == [1, 0, 1, 1]
            shown = (await asked(edge, key, "GET", f"/{started['broadcast_id']}")).json()["data"]
            assert [shown["status"], *(shown[name] for name in COUNTS)] == ["active", 1, 0, 1, 1]
        left = await client.event("viewer_left")
        assert (left["viewer_id"], left["viewer_count"]) == (connected_as["viewer_id"], 0)
        count = await client.event("viewer_count")
        assert [count[name] for name in COUNTS] == [0, 0, 1, 1]


@pytest.mark.shows(
    "vas:broadcast_go_live", "vas:broadcast_phase_changed", "vas:broadcast.standby",
    "vas:broadcast.start_time", "vas:broadcast.speech", "vas:viewer.events", "vas:viewer.stream.tts",
    "vas:viewer.stream.lang", "vas:viewer.broadcast_phase_changed", "vas:viewer.broadcast_ended",
    "vas:broadcasts.is_live", "vas:broadcasts.times",
)  # fmt: skip
async def test_viewers_see_and_hear_what_is_said_once_it_is_live(edge: str, key: str) -> None:
    async with (
        host(edge, key) as (client, started),
        viewer(edge, started["token"]) as everything,
        viewer(edge, started["token"], lang="fr-FR", tts="true") as french,
    ):
        await everything.event("viewer_connected")
        await french.event("viewer_connected")
        await client.say(trouble(TRANSLATION, SLOW))
        assert "start_time" not in await client.origin()
        await live(client)  # before the translation of the rehearsal is there
        await client.say(3, 4)
        origin = await client.origin()
        assert origin["start_time"] in ("00:00", "00:01") and origin["sid"] == 2
        shown = await french.origin()
        assert (numbers(shown["text"]), shown["start_time"]) == ([3, 4], origin["start_time"])
        speech = await french.event("tts_ready")
        assert (speech["language"], heard(speech)) == ("fr-FR", [3, 4])
        about = (await asked(edge, key, "GET", f"/{started['token']}")).json()["data"]
        assert about["is_live"] and CLOCK.fullmatch(about["duration_formatted"]) and about["started_at"]
        await client.do("stop")
        assert await client.rest() == 1000
        await french.rest()
        await everything.rest()
    said = {name for data in everything.seen for name in data.get("translations", {})}
    assert said == {"es-ES", "fr-FR"}
    assert {name for data in french.seen for name in data.get("translations", {})} == {"fr-FR"}
    for one in (everything, french):
        assert one.ended and one.seen[-1]["action"] == "broadcast_ended"
        assert [d["phase"] for d in one.seen if d.get("action") == "broadcast_phase_changed"] == ["live"]
        sids = {d["origin"]["sid"] for d in one.seen if "origin" in d}
        sids |= {text["sid"] for d in one.seen for text in d.get("translations", {}).values()}
        assert sids | {d["sid"] for d in one.seen if "sid" in d} == {2}
    assert not [m for m in client.seen if m["data"].get("action") == "tts_ready"]
    async with viewer(edge, started["token"]) as late:  # it may be used again
        assert (await late.event("viewer_waiting"))["position"] is None


@pytest.mark.shows(
    "vas:broadcasts.again", "vas:broadcasts.recordings_count", "vas:broadcasts.current_recording_id",
    "vas:broadcasts.patch", "vas:broadcasts.tts_config", "vas:broadcasts.speaker_diarization",
    "vas:broadcasts.summary_template", "vas:broadcasts.callback_url", "vas:broadcasts.batch.delete",
    "vas:broadcasts.revoked_at", "vas:error.broadcast_ended", "vas:viewer.catch_up", "vas:voices.common",
)  # fmt: skip
async def test_a_broadcast_is_a_channel_that_is_used_again(edge: str, key: str) -> None:
    channel = {
        "name": "Talk", "transcription_language": "en-US", "translation_languages": ["es-ES"],
        "tts_config": {"es-ES": {"voice": "es-ES-AlvaroNeural", "speaking_rate": 1.2}},
        "speaker_diarization": True, "summary_template": "meeting", "callback_url": "http://127.0.0.1:9/hook",
    }  # fmt: skip
    data = await made(edge, key, **channel)
    assert {name for name in channel if data[name] != channel[name]} == set()
    token = data["token"]
    own: Data = {"transcription_languages": [], "translation_languages": []}
    async with host(edge, key, token, **own) as (client, started), viewer(edge, token, lang="es") as one:
        assert (started["recognition_mode"], started["total_viewers"]) == ("multi_speaker", 0)
        await one.event("viewer_connected")
        running = (await asked(edge, key, "GET", f"/{token}")).json()["data"]
        assert (running["current_recording_id"], running["recordings_count"]) == (started["task_id"], 1)
        await live(client)
        await client.say(1, 2)
        assert numbers((await one.translation("es-ES"))["text"]) == [1, 2]
        async with viewer(edge, token, lang="es") as late:  # who comes late reads what was said
            assert numbers((await late.translation("es-ES"))["text"]) == [1, 2]
        await client.do("stop")
        assert await client.rest() == 1000
        await one.rest()
    over = (await asked(edge, key, "GET", f"/{token}")).json()["data"]
    assert (over["status"], over["current_recording_id"], over["recordings_count"]) == ("ended", None, 1)
    wish = {"name": "Other", "translation_languages": ["fr-FR"], "speaker_diarization": False}
    changed = (await asked(edge, key, "PATCH", f"/{token}", json=wish)).json()["data"]
    assert {name for name in wish if changed[name] != wish[name]} == {"translation_languages"}  # of the last
    assert changed["tts_config"] == channel["tts_config"]
    async with viewer(edge, token) as waiting:
        assert (await waiting.event("viewer_waiting"))["position"] is None
        async with host(edge, key, token, **own) as (client, again):
            assert again["task_id"] != started["task_id"] and again["phase"] == "standby"
            assert (again["recognition_mode"], again["total_viewers"]) == ("single", 2)
            await waiting.event("viewer_connected")
            shown = (await asked(edge, key, "GET", f"/{token}")).json()["data"]
            assert (shown["recordings_count"], shown["translation_languages"]) == (2, ["fr-FR"])
            batch = {"broadcast_ids": [data["id"], "no-such"]}
            revoked = (await asked(edge, key, "DELETE", "/batch", json=batch)).json()["data"]
            assert revoked == {"deleted": [data["id"]], "deleted_count": 1, "not_found": ["no-such"]}
            assert (await waiting.rest())[-1]["action"] == "broadcast_ended"
            await client.rest()
    assert (await asked(edge, key, "GET", f"/{token}")).json()["data"]["revoked_at"]
    assert data["id"] not in [one["id"] for one in (await asked(edge, key, "GET", "")).json()["data"]]
    with pytest.raises(Refused) as refused:
        async with viewer(edge, token):
            pass
    assert (refused.value.status, refused.value.code) == (410, "broadcast_ended")


@pytest.mark.shows(
    "vas:broadcast_announcement", "vas:broadcast_announcement.message", "vas:set_standby_message",
    "vas:set_standby_message.message", "vas:viewer.broadcast_announcement", "vas:viewer.standby_message",
    "vas:viewer.info", "vas:error.broadcast_required",
)  # fmt: skip
async def test_viewers_read_what_the_host_has_to_say(edge: str, key: str) -> None:
    token = (await made(edge, key, name="Talk", standby_message="Soon"))["token"]
    async with host(edge, key, token) as (client, _), viewer(edge, token) as one:
        assert (await one.event("viewer_connected"))["standby_message"] == "Soon"
        await client.do("set_standby_message", message="In a minute")
        await client.event("status", message="Standby message updated")
        assert (await one.event("standby_message"))["message"] == "In a minute"
        await client.do("broadcast_announcement", message="Please be seated")
        await client.event("status", message="Announcement sent")
        assert (await one.event("broadcast_announcement"))["message"] == "Please be seated"
        async with viewer(edge, token) as late:
            assert (await late.event("viewer_connected"))["standby_message"] == "In a minute"
        async with httpx.AsyncClient(timeout=WAIT_S) as http:
            told = (await http.get(f"{edge}/api/v1/viewer/broadcasts/{token}")).json()["data"]
        assert (told["name"], told["phase"], told["requires_password"]) == ("Talk", "standby", False)
        assert told["translation_languages"] == ["es-ES", "fr-FR"]
        await client.do("broadcast_announcement", message="")
        assert await client.answered() == "invalid_request"
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **viewing.START)
        await client.event("session_started")
        await client.do("broadcast_go_live")
        assert (await client.error())["error_code"] == "broadcast_required"


async def verified(edge: str, token: str, password: str, **more: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        url = f"{edge}/api/v1/viewer/broadcasts/{token}/verify"
        return await http.post(url, json={"password": password, **more})


@pytest.mark.shows(
    "vas:viewer.verify", "vas:viewer.verify.password", "vas:viewer.verify.viewer_access_token",
    "vas:viewer.verify.wrong", "vas:viewer.verify.viewer_key", "vas:viewer.stream.viewer_access_token",
    "vas:viewer.stream.no_access",
)  # fmt: skip
async def test_a_password_keeps_others_out(edge: str, key: str) -> None:
    token = (await made(edge, key, password="open"))["token"]
    for query in ({}, {"viewer_access_token": "vat_1_x"}):
        with pytest.raises(Refused) as refused:
            async with viewer(edge, token, **query):
                pass
        assert refused.value.status == 401
    good = await verified(edge, token, "open")
    assert good.headers["access-control-allow-origin"] == "*"
    access: Data = good.json()["data"]
    assert 3590 < access["expires_in"] <= 3600
    async with viewer(edge, token, viewer_access_token=access["viewer_access_token"]) as one:
        await one.event("viewer_waiting")
    answers = [await verified(edge, token, "wrong") for _ in range(11)]
    assert {answer.json()["error_code"] for answer in answers[:10]} == {"broadcast_password_invalid"}
    assert (answers[10].status_code, answers[10].json()["error_code"]) == (429, "rate_limit_exceeded")
    assert (await verified(edge, token, "open", viewer_key="k" * 16)).status_code == 200


@pytest.mark.shows("vas:viewer.viewer_waiting", "vas:viewer.stream.wrong_lang", "vas:broadcasts.revoke")
async def test_viewers_wait_for_a_host_and_for_a_place(edge: str, key: str) -> None:
    broadcast = await made(edge, key, max_viewers=1)
    token = broadcast["token"]
    async with viewer(edge, token) as first:
        assert (await first.event("viewer_waiting"))["position"] is None
        async with host(edge, key, token) as (client, _):
            await first.event("viewer_connected")
            async with viewer(edge, token) as second, viewer(edge, token) as third:
                assert (await second.event("viewer_waiting"))["position"] == 1
                assert (await third.event("viewer_waiting"))["position"] == 2
                counted = await client.event("viewer_count", queue_count=2)
                assert (counted["viewer_count"], counted["peak_viewers"]) == (1, 1)
                await live(client)
                await client.say(5)
                await first.origin()
                with pytest.raises(Refused) as refused:
                    async with viewer(edge, token, lang="de"):
                        pass
                assert (refused.value.status, refused.value.code) == (400, "language_not_supported")
                answer = await asked(edge, key, "DELETE", f"/{broadcast['id']}")
                assert answer.json()["data"]["status"] == "revoked"
                assert await client.rest() in (1000, 1008)
                for one in (first, second, third):
                    assert (await one.rest())[-1]["action"] == "broadcast_ended"
                assert not [data for data in second.seen if "origin" in data]


@pytest.mark.shows("vas:broadcast.back")
async def test_a_host_whose_socket_breaks_goes_on_where_it_was(edge: str, key: str) -> None:
    async with host(edge, key) as (client, started):
        token = started["token"]
        async with viewer(edge, token) as one:
            await one.event("viewer_connected")
            await live(client)
            await client.say(1, 2)
            await client.origin()
            client.socket.transport.abort()
            async with host(edge, key, token) as (again, restarted):
                assert (restarted["phase"], restarted["task_id"]) == ("live", started["task_id"])
                await again.say(3, 4)
                shown = await one.next(lambda data: data.get("origin", {}).get("sid") == 2)
                assert shown["origin"]["start_time"]
                await asyncio.sleep(0)
                await again.do("stop")
                await one.rest()
    finals = [d["origin"] for d in one.seen if d.get("origin", {}).get("is_final")]
    assert [numbers(origin["text"]) for origin in finals] == [[1, 2], [3, 4]]


@pytest.mark.shows("vas:viewer.speakers", "vas:viewer.translation", "vas:viewer.catch_up")
async def test_viewers_see_speakers_renamed_and_sentences_translated_again(edge: str, key: str) -> None:
    async with host(edge, key) as (client, started), viewer(edge, started["token"], lang="fr") as one:
        await one.event("viewer_connected")
        await live(client)
        await client.say(1, 2)
        sid = (await client.origin())["sid"]
        await one.translation("fr-FR")
        await client.do("rename_speaker", speaker_id="0", new_label="Ann")
        assert (await one.event("speaker_renamed"))["new_label"] == "Ann"
        await client.do("retranslate", sid=sid, translation_language="fr-FR")
        again = (await one.event("translation"))["translations"]["fr-FR"]
        assert (again["sid"], again["is_retranslation"], again["speaker_label"]) == (sid, True, "Ann")
        async with viewer(edge, started["token"], lang="fr") as late:
            assert (await late.event("speaker_renamed"))["new_label"] == "Ann"


@pytest.mark.shows("vas:viewer.speakers.corrected")
async def test_viewers_see_an_unsure_speaker_put_right(edge: str, key: str) -> None:
    multi = {"recognition_mode": "multi_speaker"}
    async with host(edge, key, **multi) as (client, started), viewer(edge, started["token"]) as one:
        await one.event("viewer_connected")
        await live(client)
        ann, bob = [VOICE | 0x100 | n for n in range(6)], [VOICE | 0x200 | n for n in range(6)]
        for words in (ann, bob[:2], bob):
            await client.say(*words)
            sid = (await client.origin())["sid"]
        moved = await one.event("speaker_reassigned")
        assert (moved["sid"], moved["new_speaker_id"]) == (sid - 1, "Guest-2")
        async with viewer(edge, started["token"]) as late:
            assert (await late.event("speaker_reassigned"))["sid"] == sid - 1


@pytest.mark.shows("vas:viewer.counted_once")
async def test_a_viewer_that_comes_back_with_its_last_event_is_not_counted_again(edge: str, key: str) -> None:
    async with host(edge, key) as (client, started):
        async with viewer(edge, started["token"]) as one:
            await one.event("viewer_connected")
            await client.event("viewer_joined")
        await client.event("viewer_left")
        async with (
            viewer(edge, started["token"], last_event_id="0.1") as again,
            viewer(edge, started["token"]) as other,
        ):
            await again.event("viewer_connected")
            await other.event("viewer_connected")
            assert (await client.event("viewer_count", viewer_count=2))["total_viewers"] == 2


@pytest.mark.shows("vas:viewer.stream.stability", "vas:viewer.stream.wrong_stability")
async def test_each_viewer_chooses_how_much_moves(edge: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        async with host(edge, key) as (_, started), viewer(edge, started["token"], stability="shaky"):
            pass
    assert refused.value.status == 400
    async with (
        host(edge, key) as (client, started),
        viewer(edge, started["token"], lang="fr") as live_one,
        viewer(edge, started["token"], lang="fr", stability="steady") as steady,
        viewer(edge, started["token"], lang="fr", stability="final") as final,
    ):
        for stream in (live_one, steady, final):
            await stream.event("viewer_connected")
        await live(client)
        await client.say(*range(1, 25), speed=1.5)
        await client.do("stop")
        await client.rest()
        seen = [_texts(await stream.rest()) for stream in (live_one, steady, final)]
    for told in seen:
        assert numbers(told["translations"][-1]) == numbers(told["origin"][-1]) == [*range(1, 25)]
    assert [len(told["translations"]) > 1 for told in seen] == [True, True, False]
    assert [len(told["origin"]) > 1 for told in seen] == [True, True, False]
    for texts in seen[1].values():
        assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))


def _texts(events: list[Data]) -> dict[str, list[str]]:
    return {
        "origin": [event["origin"]["text"] for event in events if "origin" in event],
        "translations": [
            event["translations"]["fr-FR"]["text"] for event in events if "translations" in event
        ],
    }
