"""Names of months, whole, declined or cut short, in the languages in which files come. Pure."""

from collections import defaultdict

from shared.text import without_accents

_NAMES = """
january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
jänner feber maerz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
januari februari maart april mei juni juli augustus september oktober november december
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
"""
_SHORT = {"mrz": 3, "mrt": 3, "мая": 5}
_LEAST = 3


def fold(text: str) -> str:
    """Without case, accents and full stops."""
    return without_accents(text).replace(".", "")


def month_of(word: str) -> int:
    """1 to 12 from a month's name or its first three letters or more; 0 for what is none, or could be two."""
    return _MONTHS.get(fold(word), 0)


def _beginnings() -> dict[str, int]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for line in _NAMES.strip().splitlines():
        for number, name in enumerate(line.split(), 1):
            folded = fold(name)
            for length in range(_LEAST, len(folded) + 1):
                found[folded[:length]].add(number)
    clear = {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}
    return clear | {fold(word): number for word, number in _SHORT.items()}


_MONTHS = _beginnings()
