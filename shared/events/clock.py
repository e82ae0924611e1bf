"""`clock.v1`: the day it is for every rule. Key: `day`. Owner: postings, once a day (UTC)."""

from shared.events.base import Contract, Day, Version

CLOCK_KEY = "day"


class ClockV1(Contract):
    """The day. It only moves forward, so the day itself orders the records."""

    day: Day
    version: Version = 0
