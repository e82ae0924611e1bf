"""Pay as people send it: an amount within reason, in a currency that there is (ISO 4217)."""

import re
from typing import Annotated

from iso4217 import Currency
from pydantic import AfterValidator, Field, StringConstraints

MOST_PAY = 100_000_000_000
"""More than anybody is paid in any currency a year; what is above it is a slip of the hand."""

_CURRENCIES = frozenset(each.code for each in Currency if each.exponent is not None)
"""Money only: gold, testing and "no currency" have no smallest unit."""


def _currency(code: str) -> str:
    if code not in _CURRENCIES:
        raise ValueError("is no currency of ISO 4217, as EUR is")
    return code


CurrencyCode = Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{3}$"), AfterValidator(_currency)]
"""An active currency's code; lower case is understood."""

PayAmount = Annotated[float, Field(ge=0, le=MOST_PAY, allow_inf_nan=False)]
"""An amount of pay a period."""

_MONEY = re.compile(r"[0-9.,k]")


def amount(given: str) -> str | int | float:
    """A sum of money as people write it: 60000, 60,000, 60.000, 60k, 60 000 €; else the text as it is.

    A mark before exactly three last digits parts thousands; before one or two it parts cents.
    """
    plain = "".join(_MONEY.findall(given.casefold()))
    thousands, plain = plain.endswith("k"), plain.removesuffix("k")
    whole, mark, cents = plain.replace(",", ".").rpartition(".")
    if mark and len(cents) == len("000"):
        whole, cents = whole + cents, ""
    number = f"{whole.replace('.', '')}.{cents}" if whole else cents
    try:
        found = float(number) * (1000 if thousands else 1)
    except ValueError:
        return given
    return int(found) if found.is_integer() else found
