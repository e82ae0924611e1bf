"""What notifications count; `/metrics` shows it. Labels are short closed lists, never an id."""

from shared.observability.metrics import counter, gauge, histogram

_LATENCIES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)

CHANGES = counter("inbox_changes", "records of suggestions.v1 by what they did to the inbox", ("change",))
MESSAGES = counter("messages", "things told to members", ("kind",))
ERASURES = counter("inbox_erasures", "members whose inbox was erased")
DELIVERED = histogram(
    "delivered_seconds",
    "until a suggestion stood in the inbox, since the matcher wrote it or, for an opening's own, since it was posted",
    ("since",),
    _LATENCIES,
)
EMAILS = counter("emails", "e-mails by what became of a try", ("outcome",))
STREAMS = gauge("inbox_streams", "live streams that are open")
CUT_OFF = counter("inbox_streams_cut_off", "live streams ended because the client took nothing")
CARDS_AWAY = counter("cards_unavailable", "look-ups of names that profiles did not answer")
