"""Templates of summaries, and the layer of their form."""

import pytest

from dragoman_contract.summary_templates import TEMPLATES, form


def test_templates_are_of_the_apis_categories() -> None:
    assert {one.category for one in TEMPLATES.values()} == {"summary", "medical", "legal"}
    assert all(slug == one.slug and one.instruction for slug, one in TEMPLATES.items())


@pytest.mark.parametrize(
    ("format", "plain_text", "most", "told"),
    [
        ("", False, 0, "in Markdown lists."),
        ("paragraph", False, 50, "in paragraphs without lists, in at most 50 characters."),
        ("structured", True, 0, "in plain text without Markdown, as sections with headings."),
    ],
)  # fmt: skip
def test_the_form_is_told_in_words(format: str, plain_text: bool, most: int, told: str) -> None:
    wanted = f"Write in the language fr, {told}"
    assert form(format, "fr", plain_text=plain_text, max_length=most) == wanted
    assert form("?", "", plain_text=False) == "Write in the transcript's language, in Markdown lists."
