"""Audio that costs one recogniser after the other is left out; chance and pauses do not count."""

from dragoman_edge.session.losses import DEADLY, Losses


def lose(losses: Losses, *utterances: int, track: int = 0, at_rest: bool = False) -> bool:
    for utterance in utterances:
        losses.add(track, utterance, at_rest)
    return losses.deadly(track)


def test_one_utterance_costs_so_many_and_no_more() -> None:
    losses = Losses()
    assert not lose(losses, *[7] * (DEADLY - 1))
    assert lose(losses, 7)
    assert not losses.deadly(0), "what comes then is heard"


def test_losses_in_several_utterances_are_chance() -> None:
    assert not lose(Losses(), *range(10))


def test_losses_in_a_pause_are_chance() -> None:
    assert not lose(Losses(), *[7] * 10, at_rest=True)


def test_one_that_came_back_was_not_lost() -> None:
    losses = Losses()
    lose(losses, *[7] * (DEADLY - 1))
    losses.forget(0)
    assert not lose(losses, 7)


def test_each_track_has_its_own() -> None:
    losses = Losses()
    lose(losses, *[7] * (DEADLY - 1), track=1)
    assert not lose(losses, 7)
