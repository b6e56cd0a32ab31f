"""Long texts leave a work order and come back whole; short ones stay."""

from dragoman_contract import events as ev
from dragoman_contract.order_texts import SHORT_BYTES, put_back, taken_out

LONG = ev.WorkOrder(
    target_languages=("es",),
    dictionary=tuple(ev.Term(source=f"term {n}", target="x" * 50) for n in range(50)),
    context="of ships",
    labels=(ev.Label(language="es", text="formal"),),
    account_id="acc_1",
)


def test_long_texts_are_taken_out_and_put_back() -> None:
    named, payload = taken_out(LONG)
    assert (named.dictionary, named.context, named.labels) == ((), "", ()) and len(named.texts) == 32
    assert (named.target_languages, named.account_id) == (("es",), "acc_1")
    assert put_back(named, payload) == LONG


def test_short_texts_travel_with_the_utterance() -> None:
    short = ev.WorkOrder(context="x" * (SHORT_BYTES // 2))
    assert taken_out(short) == (short, b"")


def test_the_same_texts_have_the_same_name_and_others_another() -> None:
    one, _ = taken_out(LONG)
    other, _ = taken_out(ev.WorkOrder(dictionary=LONG.dictionary, context="of trains"))
    assert one.texts == taken_out(LONG)[0].texts != other.texts
