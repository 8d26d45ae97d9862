"""Every table, once. Instants are UTC microseconds (``…_us``), flags are 0 or 1, JSON is text.

Migrations in ``migrations/versions`` lead here; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, SmallInteger, Table, Text, text

metadata = MetaData()

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null)


def _big(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _sequence(name: str = "seq") -> Column[int]:
    return Column(name, _SEQUENCE, primary_key=True, autoincrement=True)


def _flag(name: str, default: str = "0") -> Column[int]:
    return Column(name, SmallInteger, nullable=False, server_default=default)


def _some(name: str, *columns: str, where: str) -> Index:
    """An index of some rows of a large table."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


clock = Table(
    "clock", metadata,
    Column("id", Integer, primary_key=True), _big("offset_us"), _big("last_us"),
)  # fmt: skip
pointer = Table("pointer", metadata, _text("name", key=True), _text("value"))
generation = Table(
    "generation", metadata, Column("number", BigInteger, primary_key=True, autoincrement=False),
    _text("manifest"), _big("created_us"),
)  # fmt: skip
playbook = Table("playbook", metadata, _text("version", key=True), _text("texts"))
publication = Table(
    "publication", metadata, _sequence(), _text("version"), _text("base", null=True), _big("published_us"),
    _text("author"), _text("why"),
    Column("approved_by", Text, nullable=False, server_default="[]"), _text("draft", null=True),
    _text("predicted", null=True), Column("words", Text, nullable=False, server_default="[]"),
    _text("sweep_job", null=True), _big("swept", null=True),
)  # fmt: skip

draft = Table(
    "draft", metadata, _text("id", key=True), _big("number"), _text("title"), _text("author"), _text("base", null=True),
    _text("hash"), _text("state"), _big("created_us"), _big("updated_us"), _text("failed"),
    Index("draft_state", "state", "updated_us"),
)  # fmt: skip
draft_file = Table(
    "draft_file", metadata, _text("draft", key=True), _text("path", key=True), _text("text"), _text("hash"),
)  # fmt: skip
draft_author = Table("draft_author", metadata, _text("draft", key=True), _text("person", key=True))
draft_approval = Table(
    "draft_approval", metadata, _text("draft", key=True), _text("person", key=True), _text("hash"), _big("at_us"),
)  # fmt: skip
schedule = Table(
    "schedule", metadata, _sequence(), _text("draft", null=True), _text("version"), _text("base", null=True),
    _big("at_us"), _text("author"), _text("why"), _text("approved_by"), _text("predicted", null=True), _text("words"),
    _text("state"), _text("reason"), _big("created_us"), _big("ended_us", null=True),
    Index("schedule_state", "state", "at_us"), Index("schedule_draft", "draft"),
)  # fmt: skip

identity = Table(
    "identity", metadata, _text("customer_id", key=True), _big("customer_hash"), Column("bucket", Integer, nullable=False),
    _text("account_id"), _text("household_id", null=True), _text("device_id", null=True),
    _text("name", null=True), _text("number", null=True), _text("number_hash", null=True),
    _text("language", null=True), _text("zone", null=True), _text("unit", null=True), _text("manager", null=True),
    Index("identity_number", "number_hash"), Index("identity_bucket", "bucket", "customer_id"),
)  # fmt: skip
line_identity = Table(
    "line_identity", metadata, _text("line_id", key=True), _text("customer_id"),
    _text("number", null=True), _text("number_hash", null=True),
    Index("line_identity_number", "number_hash"), Index("line_identity_customer", "customer_id"),
)  # fmt: skip
staff = Table(
    "staff", metadata, _text("id", key=True), _text("name"), _text("role"), _text("unit", null=True),
    _text("team", null=True), _text("languages"), _text("channels"),
)  # fmt: skip

subject = Table(
    "subject", metadata, _text("kind", key=True), _text("key", key=True),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
)  # fmt: skip
consent = Table(
    "consent", metadata, _sequence(), _text("customer_id", null=True), _text("number_hash", null=True),
    _text("channel"), _text("category"), _flag("given"), _big("at_us"), _text("source"), _text("evidence"),
    _big("until_us", null=True), _text("idempotency", null=True), _big("recorded_us", null=True),
    Index("consent_customer", "customer_id"), Index("consent_number", "number_hash"),
    Index("consent_idempotency", "idempotency", unique=True),
)  # fmt: skip
profile_change = Table(
    "profile_change", metadata, _sequence(), _text("customer_id"), _text("fields"), _big("at_us"),
    _big("until_us", null=True), _text("event_id"),
    Index("profile_change_customer", "customer_id"),
)  # fmt: skip

contact = Table(
    "contact", metadata, _sequence(), _text("id"), _text("task_id", null=True),
    _text("customer_id"), _text("account_id"), _text("household_id", null=True), _text("device_id", null=True),
    _text("number_hash", null=True), _text("line_id", null=True),
    _text("strategy"), _text("offer"), _text("family"), _text("channel"), _text("direction"),
    _text("category"), _flag("promotional"), _text("state"),
    _big("planned_us"), _big("valid_until_us"), _big("created_us"),
    _big("attempt_us", null=True), _big("delivered_us", null=True), _big("connected_us", null=True),
    _big("shown_us", null=True), _big("clicked_us", null=True), _big("accepted_us", null=True),
    _big("rejected_us", null=True), _big("receipt_until_us", null=True),
    _text("result", null=True), _flag("final"), _flag("over_cap"),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    _text("playbook"), _text("epochs"), _text("decision", null=True), _text("person", null=True),
    _text("reference", null=True), _text("note", null=True),
    Index("contact_id", "id", unique=True), Index("contact_customer", "customer_id", "planned_us"),
    Index("contact_account", "account_id", "planned_us"), Index("contact_number", "number_hash", "planned_us"),
    _some("contact_household", "household_id", "planned_us", where="household_id IS NOT NULL"),
    _some("contact_device", "device_id", "planned_us", where="device_id IS NOT NULL"),
    Index("contact_due", "channel", "state", "planned_us"), Index("contact_task", "task_id"),
    _some("contact_handed", "channel", "attempt_us", where="attempt_us IS NOT NULL"),
    _some("contact_overdue", "valid_until_us", where="state = 'reserved'"),
    _some("contact_receipt", "receipt_until_us", where="final = 0 AND receipt_until_us IS NOT NULL"),
)  # fmt: skip
contact_move = Table(
    "contact_move", metadata, _sequence(), _text("contact_id"), _text("from_state", null=True), _text("to_state"),
    _big("at_us"), _text("why"), _text("channel", null=True), Index("contact_move_contact", "contact_id"),
    Index("contact_move_at", "at_us"),
    _some("contact_move_trouble", "channel", "at_us", where="channel IS NOT NULL"),
)  # fmt: skip
task = Table(
    "task", metadata, _text("id", key=True), _text("customer_id"), _text("line_id", null=True),
    _text("number_hash", null=True), _text("account_id"), _text("strategy"), _text("offer"), _text("family"),
    _text("channel"), _text("direction"), _text("category"), _flag("promotional"), _big("value_minor"), _text("state"),
    Column("fence", BigInteger, nullable=False, server_default="0"), Column("priority", Float, nullable=False),
    _text("day", null=True), Column("rank", Integer, nullable=False), _big("not_before_us"), _big("valid_until_us"),
    _big("created_us"), _big("assigned_us"), Column("attempts", Integer, nullable=False, server_default="0"),
    _text("playbook"), _text("reasons"), _text("held_by", null=True), _text("leased_to", null=True),
    _big("lease_until_us", null=True), _text("contact_id", null=True), _text("reason", null=True),
    _big("ended_us", null=True), _text("language", null=True), _text("unit", null=True),
    Column("urgency", Float, nullable=False, server_default="0"),
    Index("task_queue", "channel", "state", "not_before_us"),
    _some("task_day", "day", "customer_id", where="day IS NOT NULL"),
    _some("task_leased", "leased_to", "state", where="leased_to IS NOT NULL"),
    _some("task_lease", "lease_until_us", where="state = 'leased'"),
    _some("task_ahead", "channel", "urgency", "valid_until_us", "id", where="state = 'waiting'"),
    _some("task_unit", "channel", "unit", "not_before_us", where="state = 'waiting' AND unit IS NOT NULL"),
)  # fmt: skip

would_have = Table(
    "would_have", metadata, _sequence(), _text("day"), _text("customer_id"), _text("strategy"), _text("offer"),
    _text("channel"), _text("arm"), _big("at_us"), _text("unit", null=True), _flag("planned", "1"),
    Index("would_have_strategy", "strategy"), Index("would_have_day", "day"),
)  # fmt: skip
plan_refusal = Table(
    "plan_refusal", metadata, _text("day", key=True), _text("strategy", key=True), _text("channel", key=True),
    _text("reason", key=True), _text("rule", key=True), _big("count"),
)  # fmt: skip
plan_summary = Table("plan_summary", metadata, _text("day", key=True), _text("summary"), _big("at_us"))

decision = Table(
    "decision", metadata, _text("id", key=True), _text("customer_id"), _big("at_us"), _text("record"),
    Index("decision_customer", "customer_id"),
)  # fmt: skip
event = Table(
    "event", metadata, _text("id", key=True), _text("type"), _text("customer_id", null=True), _text("unit", null=True),
    _big("at_us"), _text("data"), Index("event_type", "type", "at_us"), Index("event_customer", "customer_id"),
)  # fmt: skip
inbox = Table(
    "inbox", metadata, _text("source", key=True), _text("id", key=True), _text("contact_id", null=True),
    _text("payload"), _big("at_us"), _flag("applied"), Index("inbox_contact", "contact_id", "applied"),
)  # fmt: skip

idempotency = Table(
    "idempotency", metadata, _text("scope", key=True), _text("key", key=True), _text("payload_hash"), _text("state"),
    Column("status", Integer), _text("body", null=True), _big("at_us"), Index("idempotency_at", "at_us"),
)  # fmt: skip
api_key = Table(
    "api_key", metadata, _text("id", key=True), _text("secret_hash"), _text("role"), _text("person", null=True),
    _big("created_us"), _big("revoked_us", null=True),
    Column("prefix", Text, nullable=False, server_default=""), _text("unit", null=True), _big("expires_us", null=True),
    Index("api_key_secret", "secret_hash", unique=True), Index("api_key_prefix", "prefix", unique=True),
)  # fmt: skip
console_link = Table(
    "console_link", metadata, _text("token_hash", key=True), _text("role"), _text("person", null=True),
    _big("expires_us"), _flag("used"), _text("unit", null=True),
)  # fmt: skip
session = Table(
    "session", metadata, _text("secret_hash", key=True), _text("role"), _text("person", null=True),
    _big("created_us"), _big("expires_us"), _text("unit", null=True),
    Column("seen_us", BigInteger, nullable=False, server_default="0"), _text("login", null=True),
    Index("session_person", "person"),
)  # fmt: skip
login = Table(
    "login", metadata, _text("person", key=True), _text("role"), _text("unit", null=True),
    _text("password_hash", null=True), _big("set_us", null=True), _flag("barred"),
)  # fmt: skip
password_link = Table(
    "password_link", metadata, _text("token_hash", key=True), _text("person"), _big("expires_us"),
)  # fmt: skip
login_attempt = Table(
    "login_attempt", metadata, _text("name_hash", key=True), _big("failures"), _big("at_us")
)
export_request = Table(
    "export_request", metadata, _text("id", key=True), _text("asked"), _text("columns"), _big("customers"),
    _text("asked_by"), _text("why"), _big("asked_us"), _text("state"),
    _text("decided_by", null=True), _big("decided_us", null=True),
    _big("until_us"), Index("export_request_asked", "asked_us"),
)  # fmt: skip
export_customer = Table(
    "export_customer", metadata, _text("export", key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False), _text("customer_id"),
)  # fmt: skip
job = Table(
    "job", metadata, _text("id", key=True), _text("kind"), _text("arguments"), _text("state"),
    _big("done"), _big("total", null=True), _text("message"), _big("created_us"), _big("beat_us", null=True),
    _big("finished_us", null=True), _text("result", null=True), _text("problems"),
    Column("runs", Integer, nullable=False, server_default="0"),
    Column("request", Text, nullable=False, server_default=""),
    Column("runs_before", Integer, nullable=False, server_default="0"),
    Index("job_state", "state", "created_us"),
)  # fmt: skip

model = Table(
    "model", metadata, _text("id", key=True), _text("model"), _big("number"), _text("hash"), _text("signature"),
    _text("report"), _big("created_us"), Index("model_number", "model", "number", unique=True),
)  # fmt: skip
promotion = Table(
    "promotion", metadata, _sequence(), _text("model"), _text("model_id"), _flag("back"), _big("at_us"), _text("author"),
    _text("why"), Index("promotion_model", "model", "seq"),
)  # fmt: skip

customer_list = Table(
    "customer_list", metadata, _text("name", key=True), _big("customers"), _big("taken"), _big("set_aside"),
    _text("set_aside_file", null=True), _big("imported_us"), _text("author"),
)  # fmt: skip
customer_list_member = Table(
    "customer_list_member", metadata, _text("name", key=True), _text("customer_id", key=True),
    Index("customer_list_member_customer", "customer_id"),
)  # fmt: skip

audit = Table(
    "audit", metadata, Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False), _big("at_us"), _text("actor"), _text("act"),
    _text("about"), _text("content"), _text("previous"), _text("hash"),
    Index("audit_at", "at_us"), Index("audit_about", "about"),
)  # fmt: skip
audit_head = Table(
    "audit_head", metadata, Column("chain", Integer, primary_key=True, autoincrement=False), _big("seq"), _text("hash"),
)  # fmt: skip
ledger_digest = Table(
    "ledger_digest", metadata, Column("seq", BigInteger, primary_key=True, autoincrement=False), _big("minute"),
    _big("moves"), _big("first_move"), _big("last_move"), _text("digest"), _text("why"), _text("previous"), _text("hash"),
    Index("ledger_digest_minute", "minute"),
)  # fmt: skip
first_owner = Table("first_owner", metadata, _text("contact_id", key=True), _text("customer_id"))

halt = Table(
    "halt", metadata, _text("kind", key=True), _text("key", key=True), _big("since_us"), _text("author"), _text("why"),
)  # fmt: skip
correction = Table(
    "correction", metadata, _sequence(), _text("contact_id"), _big("at_us"), _big("outcome_us"), _text("result_before"),
    _text("result"), _text("before"), _text("author"), _text("why"), Index("correction_contact", "contact_id"),
)  # fmt: skip
annulled_consent = Table(
    "annulled_consent", metadata, Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("customer_id", null=True), _text("number_hash", null=True), _text("channel"), _text("category"), _flag("given"),
    _big("at_us"), _text("source"), _text("evidence"), _big("until_us", null=True), _big("recorded_us", null=True),
    _big("annulled_us"), _text("why"), Index("annulled_consent_customer", "customer_id"),
)  # fmt: skip
merged_customer = Table(
    "merged_customer", metadata, _text("customer_id", key=True), _text("into_id"), _big("at_us"), _text("author"),
    _text("why"), Index("merged_customer_into", "into_id"),
)  # fmt: skip

erased_customer = Table("erased_customer", metadata, _text("customer_id", key=True), _big("at_us"))
erased_line = Table("erased_line", metadata, _text("line_hash", key=True))
card_view = Table(
    "card_view", metadata, _text("viewer", key=True), _text("day", key=True), _text("customer_id", key=True),
)  # fmt: skip
card_allowance = Table(
    "card_allowance", metadata, _text("viewer", key=True), _text("day", key=True), _big("more"),
)  # fmt: skip

call = Table(
    "call", metadata, _text("id", key=True), _text("customer_id", null=True), _big("at_us"), _text("menu"),
    _text("version"), _text("arm"), _text("source"), _text("outcome"), _text("goal", null=True), _text("unit", null=True),
    _text("segment", null=True), _text("language"), Column("steps", Integer, nullable=False), _text("path"),
    _text("heard"), _text("facts", null=True), _big("ended_us", null=True), _text("told_as", null=True),
    Index("call_at", "at_us"), Index("call_customer", "customer_id", "at_us"),
    Index("call_ended", "ended_us", "id"), _some("call_told_as", "told_as", where="told_as IS NOT NULL"),
)  # fmt: skip
caller = Table(
    "caller", metadata, _text("customer_id", key=True), _text("menu", key=True), _text("goals"), _text("heard"),
    _big("at_us"),
)  # fmt: skip
menu_learnt = Table(
    "menu_learnt", metadata, _sequence(), _text("menu"), _big("at_us"), _text("learnt"),
    Index("menu_learnt_menu", "menu", "seq"),
)  # fmt: skip
unit_change = Table(
    "unit_change", metadata, _sequence(), _text("unit"), _text("fields"), _big("at_us"), _big("until_us", null=True),
    _text("event_id"), Index("unit_change_unit", "unit"),
)  # fmt: skip
journeys_told = Table(
    "journeys_told", metadata, _big("until_us"),
    Column("id", Integer, primary_key=True, autoincrement=False),
)  # fmt: skip
ready_answer = Table(
    "ready_answer", metadata, _text("customer_id", key=True), _text("topic", key=True), _text("language", key=True),
    _text("text"), _big("at_us"), _big("until_us"), Index("ready_answer_until", "until_us"),
)  # fmt: skip
