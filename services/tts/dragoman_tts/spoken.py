"""A text as it is to be read out, where a voice's own rules go wrong. Pure; places in the text are kept.

What eSpeak NG, which also reads for Piper, says of written forms was compared with words: it knows numbers,
percentages and times. Groups of digits apart by a no-break space it reads as two numbers; it puts the sign of
a currency where it is written or leaves it out, and reads the signs between day, month and year.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from dragoman_contract.languages import key as language_of

_NUMBER = r"\d(?:[\d.,\u00a0\u202f’]{0,30}\d)?"
_SIGN = r"US\$|R\$|[$€£¥]"
_SCALE = (
    r"[ \u00a0](?:thousand|million|billion|mil|millones|millón|millions?|milliards?|milhões|milhão|bilhões"
    r"|Million(?:en)?|Milliarden?|milion[ei]|miliard[oi]|milions|milió)\b"
)
_AMOUNT = re.compile(
    rf"(?<![\w$])(?:(?P<before>{_SIGN})[ \u00a0]?(?P<first>{_NUMBER})"
    rf"|(?P<second>{_NUMBER})[ \u00a0\u202f]?(?P<after>{_SIGN}))(?!\w)(?P<scale>{_SCALE})?"
)
_GROUPS = re.compile(r"(?<=\d)[\u00a0\u202f](?=\d{3}(?!\d))")
_DATE = re.compile(r"(?<![\w/.-])(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?![\w/]|[.,-]\d)")
# One and several, in the order of `_SIGNS`.
_SIGNS = ("$", "€", "£", "¥", "R$")
_CURRENCIES = {
    "en": "dollar dollars euro euros pound pounds yen yen real reais",
    "es": "dólar dólares euro euros libra libras yen yenes real reales",
    "fr": "dollar dollars euro euros livre livres yen yens real réals",
    "pt": "dólar dólares euro euros libra libras iene ienes real reais",
    "ca": "dòlar dòlars euro euros lliura lliures ien iens real reals",
    "it": "dollaro dollari euro euro sterlina sterline yen yen real real",
    "de": "Dollar Dollar Euro Euro Pfund Pfund Yen Yen Real Real",
}
_OF = {"es": " de", "fr": " de", "pt": " de", "ca": " de", "it": " di"}  # "dos millones de euros"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as it is read out, with its changes: (begin, end, begin in the text, end in the text)."""

    text: str
    changes: tuple[tuple[int, int, int, int], ...] = ()

    def place(self, offset: int, length: int) -> tuple[int, int]:
        """Return the place of spoken words in the written text: (offset, length)."""
        shift = 0
        for begin, end, first, last in self.changes:
            if offset < begin:
                break
            if offset < end:
                return first, last - first
            shift = last - end
        return offset + shift, length


def spoken(text: str, language: str) -> Spoken:
    """`text` as a voice of that language (BCP 47) is to get it."""
    out: list[str] = []
    changes: list[tuple[int, int, int, int]] = []
    place = size = 0
    for start, end, words in _found(text, language_of(language)):
        if start < place:
            continue
        out += [text[place:start], words]
        begin = size + start - place
        size = begin + len(words)
        changes.append((begin, size, start, end))
        place = end
    return Spoken("".join([*out, text[place:]]), tuple(changes))


def _found(text: str, language: str) -> list[tuple[int, int, str]]:
    if not any(map(str.isdigit, text)):
        return []
    found = [*_amounts(text, language), *_dates(text, language)]
    found += [(match.start(), match.end(), "") for match in _GROUPS.finditer(text)]
    return sorted(found, key=lambda item: (item[0], -item[1]))


def _amounts(text: str, language: str) -> Iterator[tuple[int, int, str]]:
    names = _CURRENCIES.get(language, "").split()
    if not names:
        return
    for match in _AMOUNT.finditer(text):
        number = _GROUPS.sub("", match.group("first") or match.group("second"))
        sign = (match.group("before") or match.group("after")).removeprefix("US")
        scale = match.group("scale") or ""
        of = _OF.get(language, "") if scale and scale.strip() != "mil" else ""
        name = names[2 * _SIGNS.index(sign) + (number != "1" or bool(scale))]
        yield match.start(), match.end(), f"{number}{scale}{of} {name}"


def _dates(text: str, language: str) -> Iterator[tuple[int, int, str]]:
    """Dates that can be one day only."""
    for match in _DATE.finditer(text):
        first, second, year = (int(part) for part in match.groups())
        day, month = (first, second) if second <= 12 else (second, first)
        if min(first, second) < 1 or (first <= 12 and second <= 12 and first != second):
            continue
        try:
            words = format_date(date(year, month, day), "long", locale=Locale.parse(language))
        except (ValueError, UnknownLocaleError):
            continue
        yield match.start(), match.end(), words
