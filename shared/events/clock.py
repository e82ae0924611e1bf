"""`clock.v1`: the current day, for all rules. Key: `day`. Owner: postings, once a day (UTC)."""

from shared.events.base import Contract, Day, Version

CLOCK_KEY = "day"


class ClockV1(Contract):
    """The day. It only moves forward, so the day itself orders the records."""

    day: Day
    version: Version = 0
