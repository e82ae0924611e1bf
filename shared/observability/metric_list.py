"""All metrics: what each means, its unit, its labels, and which services have it.

`docs/api/metrics.md` is generated from here; alert rules and dashboards are tested against it. Labels come from short
closed lists, never from ids.
"""

from shared.messaging.topics.catalogue import CONSUMER_GROUPS, RELAYS
from shared.observability.metrics import DECLARED, counter, gauge, histogram
from shared.services import WITH_DATABASE, ServiceName

__all__ = ["DECLARED"]

_RELAYING = RELAYS
_CONSUMING = tuple(CONSUMER_GROUPS)
_MATCHING: tuple[ServiceName, ...] = ("matching",)
_READING = (*_CONSUMING, *_MATCHING)
_NOTIFICATIONS: tuple[ServiceName, ...] = ("notifications",)
_INTRODUCTIONS: tuple[ServiceName, ...] = ("introductions",)
_HOUR, _DAY = 3600.0, 86400.0
_DELIVERY_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)

# HTTP
HTTP_SECONDS = histogram("http_request_seconds", "time to answer a request, its stream included", ("method", "path"))
HTTP_REQUESTS = counter("http_requests", "requests answered", ("method", "path", "status"), unit="requests")
READY = gauge(
    "ready", "1 where the check of /ready passes, evaluated when metrics are read", ("check",), unit="yes or no"
)

LOOP_FAILURES = counter(
    "loop_failures",
    "rounds of a background loop that ended in an error; each is tried again",
    ("loop",),
    unit="times",
    services=WITH_DATABASE,
)

# Reading topics
CONSUMER_LAG = gauge(
    "consumer_lag",
    "records of this process's partitions not yet applied; group `matching` reads without a group",
    ("group", "topic", "partition"),
    unit="records",
    services=_READING,
)
CONSUMER_RECORD_TIME = gauge(
    "consumer_record_timestamp_seconds",
    "Kafka's time of the record applied last, since 1970: its age is time() minus this; meaningful where lag > 0",
    ("group", "topic"),
    unit="seconds",
    services=_READING,
)
CONSUMER_RECORDS = counter(
    "consumer_records_total",
    "records consumed, by outcome",
    ("group", "topic", "outcome"),
    unit="records",
    services=_CONSUMING,
)
CONSUMER_RETRIES = counter(
    "consumer_retries_total",
    "attempts to apply a batch that ended in an error; nothing of it was applied",
    ("group", "topic"),
    unit="times",
    services=_CONSUMING,
)
CONSUMER_DEAD_LETTERS = counter(
    "consumer_dead_letters_total",
    "records put aside on `<group>.dlq`, by the topic they stood on first and why: `contract` (not a record of its"
    " topic), `refused` (the service cannot use it), `failed` (an error of ours)",
    ("group", "topic", "error"),
    unit="records",
    services=_CONSUMING,
)
CONSUMER_STOPPED = gauge(
    "consumer_stopped",
    "1 when the group stopped because most records were bad",
    ("group",),
    unit="yes or no",
    services=_CONSUMING,
)

# The outbox
OUTBOX_DEPTH = gauge(
    "outbox_depth",
    "outbox rows that are due and not yet in Kafka; 50001 means more than 50000",
    ("service",),
    unit="rows",
    services=_RELAYING,
)
OUTBOX_OLDEST = gauge(
    "outbox_oldest_seconds",
    "how long the oldest row that is due has waited",
    ("service",),
    unit="seconds",
    services=_RELAYING,
)
OUTBOX_PARKED = gauge(
    "outbox_parked",
    "outbox rows that cannot be published and need attention",
    ("service",),
    unit="rows",
    services=_RELAYING,
)
OUTBOX_PUBLISHED = counter(
    "outbox_published_total",
    "records the relay has published",
    ("service", "topic"),
    unit="records",
    services=_RELAYING,
)
OUTBOX_FENCED = counter(
    "outbox_fenced_total",
    "times this process's relay was fenced",
    ("service",),
    unit="times",
    services=_RELAYING,
)

# From an opening to somebody who hears of it
SUGGESTION_SECONDS = histogram(
    "suggestion_seconds",
    "from an opening's record (ce_time) to its suggestions on the topic; not what a start finds, nor what other changes"
    " bring",
    services=_MATCHING,
    buckets=_DELIVERY_BUCKETS,
)
DELIVERED_SECONDS = histogram(
    "delivered_seconds",
    "until an item stood in the inbox, `since` a suggestion was `suggested` (its ce_time) or, where its opening's own"
    " record began it, `posted` (that record's ce_time); since a message about an introduction was `due`",
    ("since",),
    services=_NOTIFICATIONS,
    buckets=_DELIVERY_BUCKETS,
)
EMAILED_SECONDS = histogram(
    "emailed_seconds",
    "until the mail server took an e-mail about one suggestion, `since` it was `told` in the inbox or its opening"
    " `posted`; summaries wait on purpose and do not count",
    ("since",),
    services=_NOTIFICATIONS,
    buckets=_DELIVERY_BUCKETS,
)

# Introductions. A quiet answer is in none of these before its deadline.
INTRODUCTIONS = gauge(
    "introductions", "introductions by state", ("state",), unit="introductions", services=_INTRODUCTIONS
)
INTRODUCTIONS_CLOSED = counter(
    "introductions_closed",
    "introductions that ended, by outcome; `declined` and `expired` where there is none",
    ("outcome",),
    unit="introductions",
    services=_INTRODUCTIONS,
)
INTRODUCTIONS_OVERDUE = gauge(
    "introductions_overdue", "open introductions past their deadline", unit="introductions", services=_INTRODUCTIONS
)
INTRODUCTIONS_WAITING = gauge(
    "introductions_waiting",
    "requests that wait until somebody has room for them",
    unit="introductions",
    services=_INTRODUCTIONS,
)
INTRODUCTION_ANSWER_SECONDS = histogram(
    "introduction_answer_seconds",
    "until an introducer answered; quiet answers are left out",
    services=_INTRODUCTIONS,
    buckets=(60.0, 600.0, _HOUR, 6 * _HOUR, _DAY, 2 * _DAY, 3 * _DAY, 5 * _DAY, 7 * _DAY, 14 * _DAY),
)
INTRODUCTION_STEPS_FAILED = counter(
    "introduction_steps_failed",
    "seekers of whom a due step failed; each is tried again",
    unit="times",
    services=_INTRODUCTIONS,
)

# The matcher
SUGGESTIONS = gauge(
    "suggestions",
    "suggestion ids of the partitions this process answers for, by state: `open`, or `withdrawn` and remembered",
    ("state",),
    unit="suggestions",
    services=_MATCHING,
)
SUGGESTIONS_PUBLISHED = counter(
    "suggestions_published", "suggestions written: `said` or `withdrawn`", ("kind",), unit="records", services=_MATCHING
)
MATCHER_RECORDS = counter("matcher_records", "records read", ("topic",), unit="records", services=_MATCHING)
MATCHER_UNREADABLE = counter(
    "matcher_records_unreadable",
    "records that could not be read and were skipped",
    ("topic",),
    unit="records",
    services=_MATCHING,
)
MATCHER_STEP_SECONDS = histogram(
    "matcher_step_seconds",
    "time on the engine's thread: one `slice` of a job (2 ms wanted), or one `question`",
    ("kind",),
    services=_MATCHING,
    buckets=(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0, 20.0),
)
MATCHER_STARTS = counter(
    "matcher_starts", "starts, by what the state came from", ("source",), unit="times", services=_MATCHING
)
SNAPSHOT_AGE = gauge(
    "matcher_snapshot_age_seconds",
    "age of the newest snapshot written or read; 0 where there is none, as its size",
    unit="seconds",
    services=_MATCHING,
)
SNAPSHOT_BYTES = gauge("matcher_snapshot_bytes", "size of the newest snapshot", unit="bytes", services=_MATCHING)
SNAPSHOT_SECONDS = histogram(
    "matcher_snapshot_seconds",
    "time for snapshots: the `pause` when one is taken, to `write` it, to `read` it",
    ("what",),
    services=_MATCHING,
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0, 20.0, 60.0),
)
MATCHER_CHECKS = counter(
    "matcher_checks",
    "parts of the engine compared with the plain rules by the reconciler",
    ("kind",),
    unit="times",
    services=_MATCHING,
)
MATCHER_REPAIRS = counter(
    "matcher_repairs",
    "parts of the engine that differed from the plain rules; 0 expected",
    ("kind",),
    unit="times",
    services=_MATCHING,
)

# Inbox, stream, e-mail
INBOX_CHANGES = counter(
    "inbox_changes",
    "records of suggestions.v1 by how they changed the inbox",
    ("change",),
    unit="records",
    services=_NOTIFICATIONS,
)
INBOX_ERASURES = counter("inbox_erasures", "members whose inbox was erased", unit="times", services=_NOTIFICATIONS)
MESSAGES = counter(
    "messages",
    "messages to members",
    ("kind",),
    unit="times",
    services=_NOTIFICATIONS,
)
EMAILS = counter(
    "emails",
    "e-mails by outcome of the attempt",
    ("outcome",),
    unit="e-mails",
    services=(*_NOTIFICATIONS, "profiles", "postings"),
)
INBOX_STREAMS = gauge("inbox_streams", "live streams that are open", unit="requests", services=_NOTIFICATIONS)
INBOX_STREAMS_CUT_OFF = counter(
    "inbox_streams_cut_off",
    "live streams ended because the client read nothing",
    unit="requests",
    services=_NOTIFICATIONS,
)
INTRODUCTIONS_UNAVAILABLE = counter(
    "introductions_unavailable",
    "times that introductions did not answer what is to be said of one",
    unit="requests",
    services=_NOTIFICATIONS,
)
CARDS_UNAVAILABLE = counter(
    "cards_unavailable",
    "look-ups of names that profiles did not answer",
    unit="requests",
    services=(*_NOTIFICATIONS, "introductions", "postings"),
)
