"""Prices and costs: exact, in whole numbers, and the same in Python and in the scripts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman_accounts.money import (
    MAX_FIGURE_MS,
    MAX_MICRO,
    MAX_PRICE,
    Figures,
    Load,
    Prices,
    cost,
    for_ms,
    per_second,
)
from dragoman_accounts.store import Store, connect

ms = st.integers(0, MAX_FIGURE_MS)
price = st.integers(0, MAX_PRICE)
prices = st.builds(Prices, recognition=price, translation=price, speech=price)
figures = st.builds(Figures, sequence=ms, recognised_ms=ms, translated_ms=ms, synthesised_ms=ms)


def test_the_worked_example_of_the_documentation() -> None:
    used = Figures(recognised_ms=61_500, translated_ms=48_000, synthesised_ms=45_250)
    starter = Prices(recognition=4000, translation=2000, speech=6000)
    assert cost(used, starter) == 246_000 + 96_000 + 271_500 == 613_500


def test_a_part_of_a_micro_credit_is_rounded_up_once_for_the_whole_session() -> None:
    one = Prices(recognition=1, translation=1, speech=1)
    assert cost(Figures(recognised_ms=1, translated_ms=1, synthesised_ms=1), one) == 1
    assert cost(Figures(recognised_ms=1000, translated_ms=1), one) == 2
    assert for_ms(1, 1) == 1


def test_the_price_of_a_second_counts_every_track_and_target() -> None:
    rate = per_second(Load(tracks=2, targets=3, spoken=1), Prices(recognition=100, translation=10, speech=1))
    assert rate == 231


@given(figures, prices)
def test_every_cost_is_exact_in_the_numbers_of_the_scripts(f: Figures, p: Prices) -> None:
    assert 0 <= cost(f, p) <= MAX_MICRO


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(f=figures, p=prices)
async def test_the_scripts_charge_what_the_pure_function_says(redis_url: str, f: Figures, p: Prices) -> None:
    store = Store(connect(redis_url), timeout_s=5)
    name = "dragoman:{cost}"
    await store.command("DEL", name, f"{name}:session:s", f"{name}:ledger")
    await store.command("HSET", name, "available", MAX_MICRO, "held", 0, "charged", 0, "topped", MAX_MICRO)
    await store.command(
        "HSET", f"{name}:session:s", "state", "live", "key", "k", "hold", 0, "memory", 60_000, "edge", "e",
        "dialect", "", "languages", "", "reference", "", "tier", "", "opened", 0,
        "price_recognised", p.recognition, "price_translated", p.translation, "price_synthesised", p.speech,
    )  # fmt: skip
    usage = {"recognised": f.recognised_ms, "translated": f.translated_ms, "synthesised": f.synthesised_ms}
    try:
        _, available, charged = await store.script(
            "report", name, session="s", edge="", renew=False, close=True, reason="", usage=usage
        )
        stored = await store.command("HGET", name, "charged")
    finally:
        await store.close()
    assert (charged, available, int(stored)) == (cost(f, p), MAX_MICRO - cost(f, p), cost(f, p))


@pytest.mark.parametrize("value", [MAX_MICRO, 2**52 + 1, 10**15 + 1])
async def test_large_numbers_pass_through_the_scripts_unharmed(redis_url: str, value: int) -> None:
    store = Store(connect(redis_url))
    name = f"dragoman:{{large{value}}}"
    await store.command("HSET", name, "available", 0, "held", 0, "topped", 0)
    code, available, _ = await store.script("topup", name, id="a", micro=value, note="", memory=60_000)
    assert (code, available) == ("ok", value)
    assert await store.command("HGET", name, "available") == str(value)
    await store.close()
