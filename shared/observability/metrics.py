"""Every metric's name, once. No client data in labels. The docs are generated from here."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30, 60, 120, 300)

# ingest
RECORDS_ACCEPTED = Counter(
    "ingest_records_accepted_total", "Records stored under a new source identity", ["type"]
)
RECORDS_DUPLICATE = Counter(
    "ingest_records_duplicate_total", "Records whose source identity was known", ["source"]
)
RECORDS_REFUSED = Counter(
    "ingest_records_refused_total", "Records that went to the dead letters", ["reason"]
)
RECORDS_LATE = Counter(
    "ingest_records_late_total", "Records behind a higher number, or of a closed day", ["reason"]
)
SOURCE_GAPS = Counter("ingest_source_gaps_total", "Numbers of a source that jumped", ["source"])
SOURCE_SILENT = Gauge(
    "ingest_source_silent_seconds",
    "Since a source was last heard: a live one, pull:NAME, file:KIND",
    ["source"],
)
EVENT_LAG = Histogram(
    "ingest_event_lag_seconds",
    "A record's own time, of a live source or pull:NAME, until it was accepted",
    ["source"],
    buckets=SECONDS,
)
FILE_LAG = Gauge(
    "ingest_file_lag_seconds", "End of its trading day until the newest file was taken", ["kind"]
)
DAYS_OPEN = Gauge("ingest_days_open", "Trading days that are over and were not closed")
PUBLISH_LAG = Histogram(
    "ingest_publish_lag_seconds",
    "The longest wait of a batch's records: accepted until in Kafka",
    buckets=SECONDS,
)
SNAPSHOTS_HELD = Counter("ingest_snapshots_held_total", "Snapshots held back by conflation")
DAY_DIFFERENCES = Gauge(
    "ingest_day_differences", "Differences of the day that was closed last", ["kind"]
)
RECORDS_PRUNED = Counter("ingest_records_pruned_total", "Rows deleted by retention", ["table"])
SOURCE_STOPPED = Gauge(
    "ingest_source_stopped", "1 while a source is stopped: too much of it was refused", ["source"]
)
FILES_TAKEN = Counter("ingest_files_taken_total", "Files taken in whole", ["kind"])
CLIENTS_LEFT_BEHIND = Gauge(
    "ingest_clients_left_behind", "Clients of leavers whom nobody has taken over"
)
PULLED_ROWS = Counter("ingest_pulled_rows_total", "Rows read from brokers' databases", ["pull"])
PULL_FAILURES = Counter(
    "ingest_pull_failures_total", "Rounds of a pull that failed", ["pull", "reason"]
)
PULL_UP = Gauge("ingest_pull_up", "1 while the last round of a pull went well", ["pull"])
UNPUBLISHED = Gauge("ingest_unpublished_records", "Records stored and not yet in Kafka")
CALENDAR_DAYS_LEFT = Gauge(
    "trading_calendar_days_left", "Trading days the calendar still knows after today"
)
CALENDAR_IN_USE = Gauge(
    "trading_calendar_in_use", "1 for the version of the trading calendar in use", ["version"]
)

# ingest: a counter's streams
CTP_CONNECTED = Gauge("ingest_ctp_connected", "1 while a counter's streams are followed", ["feed"])
CTP_RECORDS = Counter(
    "ingest_ctp_records_total", "A counter's records and what became of them", ["stream", "became"]
)
CTP_MISSING = Counter(
    "ingest_ctp_missing_total", "Numbers of a stream that were skipped when due", ["stream"]
)
CTP_SEQUENCE = Gauge(
    "ingest_ctp_sequence", "The last number taken of a stream and trading day", ["stream", "day"]
)

# mot
EVENTS_WATCHED = Counter("mot_events_watched_total", "Events folded into account state")
EVENTS_REPEATED = Counter(
    "mot_events_repeated_total", "Events skipped because their sequence was known"
)
ALERTS_PUBLISHED = Counter("mot_alerts_published_total", "Alerts published", ["rule", "type"])
DETECTOR_FAILURES = Counter(
    "mot_detector_failures_total", "A detector raised and was switched off for an account", ["rule"]
)
RECORDS_UNREADABLE = Counter(
    "mot_records_unreadable_total", "Records that went to the dead letters"
)
CHECKPOINT_SECONDS = Histogram(
    "mot_checkpoint_seconds", "Time to write one checkpoint", buckets=SECONDS
)
ROLLBACKS = Counter(
    "mot_rollbacks_total", "Partitions whose watermark was behind Kafka's commit: read again"
)
LAG_RECORDS = Gauge("mot_lag_records", "Records behind the end of the owned partitions")
CLOCK_SILENT = Gauge(
    "mot_clock_silent_seconds", "Since the last clock.ticked of the partition that waits longest"
)
RULES_REFUSED = Counter("mot_rules_refused_total", "Published rule versions that were refused")
RULES_BLIND = Gauge(
    "mot_rules_blind", "1 for a rule that looks further ahead than the calendar reaches", ["rule"]
)
RULE_VERSION = Gauge("mot_rule_version", "Version of each rule in force", ["rule"])
PARTITIONS_OWNED = Gauge("mot_partitions_owned", "Partitions this worker watches")

# notify
ALERTS_RECEIVED = Counter("notify_alerts_received_total", "Alert events read", ["decision"])
DECISIONS = Counter(
    "notify_decisions_total", "What was decided for an alert, and why", ["decision", "reason"]
)
CHANNEL_BROKEN = Gauge(
    "notify_channel_broken", "1 while a silent gateway is asked one thing at a time", ["channel"]
)
DELIVERIES = Counter(
    "notify_deliveries_total", "Attempts by channel and outcome", ["channel", "outcome", "reason"]
)
ANSWERS = Counter(
    "notify_answers_total", "Answers to alerts by kind, way and fate", ["kind", "via", "fate"]
)
CALLBACKS = Counter(
    "notify_callbacks_total",
    "Calls by 企业微信, taps on cards, what came of them",
    ["fate"],
)
RECEIPTS = Counter(
    "notify_receipts_total", "Providers' reports by channel and fate", ["channel", "fate"]
)
EVENTS_PUBLISHED = Counter(
    "notify_events_published_total", "Events of its own that reached Kafka", ["topic"]
)
OPEN_INTENTS = Gauge("notify_open_intents", "Deliveries decided and not yet ended")
WAITING_ALERTS = Gauge("notify_waiting_alerts", "Alerts that wait for a relation or a time")
SMS_PARTS = Counter(
    "notify_sms_parts_total", "SMS written, as they are charged, by channel", ["channel"]
)
BUDGETS_UNKNOWN = Counter(
    "notify_budgets_unknown_total", "Claims made while Valkey could not be asked: urgent ones only"
)
BUDGETS_RECOUNTED = Counter(
    "notify_budgets_recounted_total", "Times the budgets were counted anew from the ledger"
)
CANARY_AGE = Gauge(
    "notify_canary_age_seconds",
    "Since a canary last arrived by a channel; where it reports nothing, was taken",
    ["channel"],
)
SILENT_SECONDS = Gauge(
    "notify_silent_seconds", "Trading time since a gateway last took a message of any kind"
)
FOLLOWERS = Gauge("notify_followers", "Live connections to inboxes")
NOTIFY_PRUNED = Counter("notify_pruned_total", "Rows deleted by retention", ["table"])
UNBALANCED = Gauge(
    "notify_unbalanced_alerts", "Alerts of the last day that topic and ledger disagree about"
)
RECONCILED = Gauge(
    "notify_reconciled_alerts", "Revisions of the last day by where they stand", ["standing"]
)
NOTIFY_LAG_RECORDS = Gauge("notify_lag_records", "Records of its topics not yet read")
DELIVERY_SECONDS = Histogram(
    "notify_delivery_seconds",
    "Alert event read until the gateway accepted it",
    ["channel"],
    buckets=SECONDS,
)

# profile
PROFILE_RECORDS = Counter(
    "profile_records_total", "Records read: taken into the tables, or buried", ["fate"]
)
PROFILE_LAG_RECORDS = Gauge("profile_lag_records", "Records of its topics not yet in the tables")
NIGHTLY_SECONDS = Gauge(
    "profile_nightly_seconds", "What a step of the night took when it last ran", ["step"]
)
NIGHTLY_DOUBTS = Gauge(
    "profile_nightly_doubts",
    "Accounts of the newest computed day of which something is missing",
    ["doubt"],
)
NIGHTLY_DUE = Gauge("profile_nightly_due", "Steps of whole trading days not yet computed")
VISITS_WAITING = Gauge("profile_visits_waiting", "Batches of return visits not yet generated")
PROFILE_VISIBLE_SECONDS = Histogram(
    "profile_visible_seconds",
    "A batch's oldest record in Kafka until the batch could be queried",
    buckets=SECONDS,
)
