"""Numbers, amounts, dates and times of a text as another language writes them (CLDR). Pure.

What a neural engine has rewritten itself is left; what came through unchanged is rewritten. A number that is
none in the language of the text, and a date that may be one of two days, stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel import numbers as cldr

from dragoman_translation.protection import Kept

_SPACES = " \u00a0\u202f"
_SIGNS = r"US\$|R\$|[$€£¥₹₩₽]"
_SCALES = re.compile(
    r"[ \u00a0]?(?:[kKmMbB](?:n|io)?\b|thousand|million|billion|trillion|mil\b|mill|bill|mio|mrd|tausend"
    r"|milh|bilh|mille\b|milion)"
)
_TIME = re.compile(
    r"(?<![\w:.])(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))?[ \u00a0\u202f]?([ap])(?:m\b|\.[ ]?m\b\.?)", re.I
)
_SENTENCE = re.compile(
    r"\s*$|\s+(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Eastern|Central|Mountain|Pacific|[A-Z]{2,4}\b)[A-ZÀ-Þ\"“]"
)
_DATE = re.compile(r"(?<![\w/.-])(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})(?![\w/]|[.,-]\d)")
_PERCENT = re.compile(rf"(?<=\d)[{_SPACES}]?%")
_VERSION = re.compile(
    r"(?i:\b(?:v|version|versión|versió|versão|release|section|sección|chapter|capítulo|chapitre|abschnitt|figure|fig|no"
    r"|python|ubuntu|debian|windows|android|ios|gpt)\.? ?|§ ?)$|(?<=\w) [A-Z][\w+-]* $"
)
_AT = re.compile(r"\bat \d", re.I)
_EN = re.compile(r"\b([Ee])n (?=(\d{1,2}):\d\d)")


@dataclass(frozen=True, slots=True)
class Form:
    """Conventions of a language for numbers, money, dates and times."""

    locale: Locale
    decimal: str
    group: str
    number: re.Pattern[str]
    percent: str  # the sign with the space before it
    before: bool  # whether the sign of a currency goes before
    between: str  # what stands between it and the amount
    order: str  # of a date: "dmy", "mdy", "ymd"
    separator: str
    hours24: bool


@lru_cache(maxsize=512)
def form(tag: str) -> Form | None:
    """Return the conventions of a language; None when CLDR knows none."""
    locale = _locale(tag)
    if locale is None:
        return None
    decimal, group = cldr.get_decimal_symbol(locale), cldr.get_group_symbol(locale)
    currency = str(locale.currency_formats["standard"].pattern).partition(";")[0]
    before = currency.startswith("¤")
    near = currency[1] if before else currency[-2]
    date = str(locale.date_formats["short"].pattern)
    order = "".join(dict.fromkeys(c for c in date.lower() if c in "dmy"))
    percent = str(locale.percent_formats[None].pattern)
    return Form(
        locale=locale,
        decimal=decimal,
        group=group,
        number=_number(decimal, group),
        percent=(percent[-2] if percent[-2].isspace() else "") + "%",
        before=before,
        between=near if near.isspace() else "",
        order=order,
        separator=next((c for c in date if c in "/.-"), "/"),
        hours24="a" not in str(locale.time_formats["short"].pattern),
    )


def _locale(tag: str) -> Locale | None:
    parts = tag.replace("-", "_").split("_")
    for names in (parts, parts[:1]):
        try:
            return Locale.parse("_".join(names))
        except (ValueError, UnknownLocaleError):
            continue
    return None


def _number(decimal: str, group: str) -> re.Pattern[str]:
    """A number with a group or a decimal sign; the second group of the pattern is what follows the sign."""
    groups = (
        f"[{_SPACES}]" if group.isspace() else f"[{re.escape(group)}’]" if group == "'" else re.escape(group)
    )
    point = re.escape(decimal)
    whole = rf"\d{{1,3}}(?:{groups}\d{{2,3}}){{0,8}}{groups}\d{{3}}"
    return re.compile(rf"(?<![\w.,:/-])({whole}|\d{{1,18}})({point}\d{{1,12}})?(?![\w/:-]|[.,]\d)")


def written(text: str, source: str, target: str) -> str:
    """Before the translation: times and dates as the target writes them."""
    there, here = form(target), form(source)
    if there is None or here is None:
        return text
    if there.hours24 and not here.hours24:
        text = _TIME.sub(lambda found: _time(found, text), text)
    if there.order != here.order or there.separator != here.separator:
        text = _DATE.sub(lambda found: _date(found, there), text)
    return text


def amounts(text: str, source: str, target: str) -> Iterator[Kept]:
    """Amounts of money, as the target writes them."""
    here, there = form(source), form(target)
    if here is None or there is None:
        return
    taken: set[int] = set()  # places: "$5€" is one amount
    for pattern, sign_at, number_at in ((_signed(source), 1, 2), (_signing(source), 4, 1)):
        for found in pattern.finditer(text):
            if found.start(number_at) in taken:
                continue
            taken.add(found.start(number_at))
            sign, spoken = found.group(sign_at), found.group(number_at)
            number = _rewritten(spoken, here, there)
            if number is None:
                continue
            if _SCALES.match(text, found.end()):  # "£5 million": the words say where the sign goes
                if not sign.endswith("$"):  # which engines know, and some take others for it
                    yield Kept(found.start(), found.end(), found.group().replace(spoken, number))
                continue
            out = f"{sign}{there.between}{number}" if there.before else f"{number}{there.between}{sign}"
            yield Kept(found.start(), found.end(), out)


@lru_cache(maxsize=512)
def _signed(tag: str) -> re.Pattern[str]:
    known = form(tag)
    body = known.number.pattern.removeprefix("(?<![\\w.,:/-])") if known else ""
    return re.compile(rf"(?<![\w$])({_SIGNS})[{_SPACES}]?({body})")


@lru_cache(maxsize=512)
def _signing(tag: str) -> re.Pattern[str]:
    known = form(tag)
    body = known.number.pattern.partition("(?![\\w/:-]")[0] if known else ""
    return re.compile(rf"({body})[{_SPACES}]?({_SIGNS})(?!\w)")


def repaired(translated: str, text: str, source: str, target: str) -> str:
    """After the translation: numbers that came through as the source writes them, and spaces before %."""
    here, there = form(source), form(target)
    if here is None or there is None or not any(map(str.isdigit, translated)):
        return translated
    if _grouping(here) != _grouping(there):
        changes = {said: out for said, out in _changes(text, here, there) if out not in translated}
        translated = here.number.sub(lambda found: changes.get(found.group(), found.group()), translated)
    if "%" in text:
        translated = _PERCENT.sub(there.percent, translated)
    if there.locale.language == "es" and _AT.search(text):
        translated = _EN.sub(_hour, translated)
    return translated


def _grouping(known: Form) -> tuple[str, ...]:
    return known.decimal, known.group, str(known.locale.decimal_formats[None].pattern)


def _changes(text: str, here: Form, there: Form) -> Iterator[tuple[str, str]]:
    for found in here.number.finditer(text):
        plain = found.group(2) is None and found.group(1).isdigit()
        if plain or _VERSION.search(text[max(0, found.start() - 24) : found.start()]):
            continue
        out = _rewritten(found.group(), here, there)
        if out is not None:
            yield found.group(), out


def _rewritten(number: str, here: Form, there: Form) -> str | None:
    """With as many digits as it has; None when it is no number of the language."""
    found = here.number.fullmatch(number)
    if found is None:
        return None
    whole, fraction = found.group(1), (found.group(2) or "")[len(here.decimal) :]
    digits = "".join(c for c in whole if c.isdigit())
    grouped = (
        "#,##0" if digits == whole else str(there.locale.decimal_formats[None].pattern).partition(".")[0]
    )
    pattern = ("0" if digits == whole else grouped) + ("." + "0" * len(fraction) if fraction else "")
    if digits.startswith("0") and len(digits) > 1:
        return None  # a code
    value = Decimal(f"{digits}.{fraction}" if fraction else digits)
    return str(cldr.format_decimal(value, pattern, locale=there.locale))


def _time(found: re.Match[str], text: str) -> str:
    hour = int(found.group(1)) % 12 + (12 if found.group(3).lower() == "p" else 0)
    ends = found.group().endswith(".") and _SENTENCE.match(text, found.end())
    return f"{hour}:{found.group(2) or '00'}{'.' if ends else ''}"


def _date(found: re.Match[str], there: Form) -> str:
    """Written anew when it can be one day only."""
    first, second, year = int(found.group(1)), int(found.group(3)), found.group(4)
    if first == second or (12 < first <= 31 and 1 <= second <= 12):
        day, month = found.group(1), found.group(3)
    elif 12 < second <= 31 and 1 <= first <= 12:
        day, month = found.group(3), found.group(1)
    else:
        return found.group()
    values = {"d": day, "m": month, "y": year}
    if there.order == "ymd":
        values = {key: value.zfill(2) for key, value in values.items()}
    return there.separator.join(values[part] for part in there.order)


def _hour(found: re.Match[str]) -> str:
    article = "la" if found.group(2) in ("1", "01") else "las"
    return f"{'A' if found.group(1) == 'E' else 'a'} {article} "
