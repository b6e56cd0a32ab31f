"""A summary of the transcript's own sentences."""

from dragoman_archive.summaries.base import Job, Line
from dragoman_archive.summaries.extractive import MOST, Extractive, choose
from dragoman_contract.events import SummaryWish

TALK = [
    "Hello.",
    "The budget of the new bridge is the topic of today.",
    "Yes.",
    "The bridge needs a larger budget because steel is expensive.",
    "My dog is brown.",
    "So the budget of the bridge is raised, and the steel is bought in May.",
    "Thanks.",
]


def lines(texts: list[str]) -> list[Line]:
    return [Line("", text) for text in texts]


def test_the_sentences_about_the_topic_are_taken_in_their_order() -> None:
    assert choose(lines(TALK)) == [1, 3, 5]


def test_a_text_that_is_said_twice_is_taken_once_and_the_number_is_bounded() -> None:
    assert len(choose(lines(["The bridge needs a larger budget."] * 500))) == 1
    many = [f"The bridge number {number} needs a larger budget of {number} million" for number in range(2000)]
    assert len(choose(lines(many))) == MOST


def test_what_has_no_long_sentence_has_a_summary_too() -> None:
    assert choose(lines(["Yes.", "No."])) == [0, 1] and choose(lines(["!", "?"])) != []


def test_languages_without_spaces_have_words() -> None:
    texts = [
        "今天的议题是新桥的预算问题",
        "我的狗是棕色的很可爱",
        "因为钢材很贵所以新桥的预算增加了",
        "新桥的预算问题五月解决",
    ]
    assert 1 not in choose(lines(texts))


async def test_it_says_what_it_is_and_takes_the_form_that_is_wished_for() -> None:
    made = await Extractive().summarise(Job(SummaryWish(plain_text=True), lines(TALK)))
    assert (made.engine, made.level, made.input_tokens) == ("extractive", 1, 0)
    assert made.text.splitlines() == [TALK[1], TALK[3], TALK[5]]
    listed = await Extractive().summarise(Job(SummaryWish(), lines(TALK)))
    assert listed.text.splitlines()[0] == f"- {TALK[1]}"
