"""Sentences of a speaker of English, 4 to 5 s each, no two alike: repeats are not translated again."""

import itertools
import random

_WHO = (
    "The teacher of my younger sister", "A doctor from the hospital near us",
    "Our neighbour with the two big dogs",
    "The engineer who built this bridge", "My colleague from the sales office",
    "The old man at the railway station",
    "One of the students in my class", "The woman who sells fresh bread", "The manager of the small hotel",
    "A friend that I met last summer", "The captain of the fishing boat", "The new director of our museum",
)  # fmt: skip
_DOES = (
    "wants to know whether", "told me this morning that", "is almost certain that",
    "has just been informed that",
    "never really believed that", "wrote in a long letter that", "was very happy to hear that",
    "would like to explain why", "asked us on the phone whether", "read in the newspaper that",
)  # fmt: skip
_WHAT = (
    "the train to the coast is late again", "the price of bread will rise in spring",
    "the meeting was moved to Friday",
    "nobody has seen the missing documents", "the children are learning to swim",
    "we can finish the work in two weeks",
    "the shop on the corner closes at six", "the river is higher than last year",
    "the doctor comes at half past nine",
    "the second floor is being painted", "there is not enough room for all guests",
    "the key lies under the flower pot",
)  # fmt: skip


def spoken(count: int, seed: int = 7) -> list[str]:
    """Sentences in an order of chance, the same for the same seed."""
    made = [f"{who} {does} {what}." for who, does, what in itertools.product(_WHO, _DOES, _WHAT)]
    random.Random(seed).shuffle(made)
    return made[:count]
