"""Tables of the registry, as SQLAlchemy Core.

Nothing here or in the statements is SQLite's own, so that an engine that speaks PostgreSQL's protocol can follow: no
partial indexes (a nullable unique column does their work: NULLs are distinct in both), no upserts, no autoincrement.
Times are UTC, ISO 8601 with microseconds and offset, as text: they sort, and read the same in every engine.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

# Counts up with every change; `migrations` brings an older database forward.
SCHEMA_VERSION = 5

about = sa.Table(
    "about",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(256), nullable=False),
)

families = sa.Table(
    "families",
    metadata,
    sa.Column("number", sa.String(16), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("rt", sa.String(3), nullable=False),
    sa.Column("rw", sa.String(3), nullable=False),
    sa.Column("village", sa.Text, nullable=False),
    sa.Column("district", sa.Text, nullable=False),
    sa.Column("regency", sa.Text, nullable=False),
    sa.Column("regency_kind", sa.String(16), nullable=False),
    sa.Column("province", sa.Text, nullable=False),
    sa.Column("postal_code", sa.String(5), nullable=False),
    sa.Column("issued_on", sa.Date, nullable=False),
)

residents = sa.Table(
    "residents",
    metadata,
    sa.Column("nik", sa.String(16), primary_key=True),
    sa.Column("family_number", sa.ForeignKey("families.number"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),  # order within the family card, from 1
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sex", sa.String(16), nullable=False),
    sa.Column("birth_place", sa.Text, nullable=False),
    sa.Column("birth_date", sa.Date, nullable=False),
    sa.Column("religion", sa.Text, nullable=False),
    sa.Column("education", sa.Text, nullable=False),
    sa.Column("occupation", sa.Text, nullable=False),
    sa.Column("blood", sa.String(8), nullable=False),
    sa.Column("marital", sa.String(32), nullable=False),
    sa.Column("married_on", sa.Date),
    sa.Column("relation", sa.String(32), nullable=False),
    sa.Column("nationality", sa.String(8), nullable=False),
    sa.Column("father", sa.Text, nullable=False),
    sa.Column("mother", sa.Text, nullable=False),
    sa.Column("father_nik", sa.String(16), index=True),  # when the parent is in the registry
    sa.Column("mother_nik", sa.String(16), index=True),
    sa.Column("card_uid", sa.LargeBinary),  # of the valid KTP-el
    sa.Column("died_on", sa.Date),
)

births = sa.Table(
    "births",
    metadata,
    sa.Column("number", sa.String(32), primary_key=True),
    sa.Column("nik", sa.ForeignKey("residents.nik"), nullable=False, unique=True),
    sa.Column("registered_on", sa.Date, nullable=False),
    sa.Column("child_order", sa.Integer, nullable=False),
)

deaths = sa.Table(
    "deaths",
    metadata,
    sa.Column("number", sa.String(32), primary_key=True),
    sa.Column("nik", sa.String(16), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sex", sa.String(16), nullable=False),
    sa.Column("birth_place", sa.Text, nullable=False),
    sa.Column("birth_date", sa.Date, nullable=False),
    sa.Column("died_on", sa.Date, nullable=False),
    sa.Column("died_in", sa.Text, nullable=False),
    sa.Column("registered_on", sa.Date, nullable=False),
    sa.Column("reported_by", sa.ForeignKey("residents.nik"), nullable=False, index=True),
    sa.Column("father", sa.Text, nullable=False),
    sa.Column("mother", sa.Text, nullable=False),
)

moves = sa.Table(
    "moves",
    metadata,
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("applicant", sa.ForeignKey("residents.nik"), nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("to_address", sa.Text, nullable=False),
    sa.Column("to_rt", sa.String(3), nullable=False),
    sa.Column("to_rw", sa.String(3), nullable=False),
    sa.Column("to_village", sa.Text, nullable=False),
    sa.Column("to_district", sa.Text, nullable=False),
    sa.Column("to_regency", sa.Text, nullable=False),
    sa.Column("to_regency_kind", sa.String(16), nullable=False),
    sa.Column("to_province", sa.Text, nullable=False),
    sa.Column("to_postal_code", sa.String(5), nullable=False),
    sa.Column("issued_on", sa.Date, nullable=False),
)

move_members = sa.Table(
    "move_members",
    metadata,
    sa.Column("number", sa.ForeignKey("moves.number"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("nik", sa.ForeignKey("residents.nik"), nullable=False),
)

face_models = sa.Table(
    "face_models",
    metadata,
    sa.Column("model_id", sa.String(64), primary_key=True),  # SHA-256 of the model file, lower-case hex
    sa.Column("threshold", sa.Float, nullable=False),  # Euclidean distance at or below which faces match
    sa.Column("dimensions", sa.Integer, nullable=False),
    sa.Column("in_use", sa.Boolean, nullable=False),
)

references = sa.Table(
    "reference_templates",
    metadata,
    sa.Column("nik", sa.ForeignKey("residents.nik"), primary_key=True),
    sa.Column("model_id", sa.ForeignKey("face_models.model_id"), primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),  # float32, little-endian
)

portraits = sa.Table(
    "portraits",
    metadata,
    sa.Column("nik", sa.ForeignKey("residents.nik"), primary_key=True),
    sa.Column("photo", sa.LargeBinary, nullable=False),  # JPEG, of the enrolment
    sa.Column("signature", sa.LargeBinary),  # PNG, black on white
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("document_id", sa.String(36), primary_key=True),  # random: it stands in journals and tells nothing
    sa.Column("kind", sa.Integer, nullable=False),  # adm.registry.v1.DocumentKind
    sa.Column("subject", sa.String(64), nullable=False),  # key of the family, resident, death or move
    sa.UniqueConstraint("kind", "subject"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("session_id", sa.String(36), primary_key=True),
    sa.Column("machine_id", sa.String(128), nullable=False),
    sa.Column("nik", sa.ForeignKey("residents.nik"), nullable=False),
    sa.Column("token_sha256", sa.LargeBinary, unique=True),  # set by a match
    sa.Column("expires_at", sa.String(32), nullable=False, index=True),
)

face_attempts = sa.Table(
    "face_attempts",
    metadata,
    sa.Column("nik", sa.ForeignKey("residents.nik"), primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("last_failed_at", sa.String(32), nullable=False),
    sa.Column("locked_until", sa.String(32)),
)

issuances = sa.Table(
    "issuances",
    metadata,
    sa.Column("idempotency_key", sa.String(36), primary_key=True),
    sa.Column("machine_id", sa.String(128), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),  # open, taken, unknown, void
    sa.Column("document_id", sa.ForeignKey("documents.document_id")),  # NULL: voided before it was begun
    # The document while it may not be issued again, else NULL: unique, so there is one holder at most.
    sa.Column("holds", sa.String(36), unique=True),
    sa.Column("token_sha256", sa.LargeBinary),
    sa.Column("data_version", sa.String(64)),
    sa.Column("grant_id", sa.String(36), unique=True),
    sa.Column("claims", sa.LargeBinary),
    sa.Column("signature", sa.LargeBinary),
    sa.Column("key_id", sa.String(64)),
    sa.Column("receipt_number", sa.String(32), unique=True),
    sa.Column("verify_token", sa.String(64), unique=True),
    sa.Column("begun_at", sa.String(32)),
    sa.Column("expires_at", sa.String(32)),
    sa.Column("outcome", sa.Integer),  # adm.registry.v1.Outcome
    sa.Column("evidence", sa.Integer),  # adm.registry.v1.Evidence
    sa.Column("void_reason", sa.Integer),  # adm.registry.v1.VoidReason
    sa.Column("blanks_spoiled", sa.Integer),
    sa.Column("journal_seq", sa.BigInteger),  # newest entry of the machine's journal about it
    sa.Column("occurred_at", sa.String(32)),  # by the machine's clock
    sa.Column("ended_at", sa.String(32)),  # by this clock
    sa.Column("signer", sa.String(128)),  # who signed the document; NULL for a card, which nobody signs
    sa.Column("chip_uid", sa.LargeBinary),  # of a card that was handed over
    sa.Column("blank_batch", sa.String(64)),  # of the blank it became, as the machine says
    sa.Column("old_card", sa.Integer),  # adm.registry.v1.OldCard; NULL while nothing was said of it
    sa.Column("reason", sa.String(32)),  # original, reprint:WHY, replacement:WHY; NULL without a grant, or from before
)

# An officer's word that a document that was handed over may be issued once more.
replacements = sa.Table(
    "replacements",
    metadata,
    sa.Column("replacement_id", sa.String(36), primary_key=True),
    sa.Column("document_id", sa.ForeignKey("documents.document_id"), nullable=False, index=True),
    sa.Column("former_key", sa.ForeignKey("issuances.idempotency_key"), nullable=False, unique=True),
    sa.Column("reason", sa.String(16), nullable=False),  # lost, damaged, data_changed, not_received
    sa.Column("staff", sa.String(32), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)

artefacts = sa.Table(
    "artefacts",
    metadata,
    sa.Column("grant_id", sa.String(36), primary_key=True),
    # A signed PDF or a serialized CardContent; dropped when the grant ends.
    sa.Column("pdf", sa.LargeBinary, nullable=False, key="content"),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

machines = sa.Table(
    "machines",
    metadata,
    sa.Column("machine_id", sa.String(128), primary_key=True),
    sa.Column("enrolled_at", sa.String(32), nullable=False),
    sa.Column("refused", sa.Boolean, nullable=False),
    sa.Column("site_name", sa.Text),
    sa.Column("software_version", sa.String(64)),
    sa.Column("versions", sa.Text),  # JSON object
    sa.Column("started_at", sa.String(32)),
    sa.Column("seen_at", sa.String(32)),  # by this clock
    sa.Column("reported_at", sa.String(32)),  # by the machine's clock
    sa.Column("in_session", sa.Boolean),
    sa.Column("devices", sa.Text),  # JSON array
    sa.Column("services", sa.Text),  # JSON array
    sa.Column("journal_seq", sa.BigInteger),
    sa.Column("journal_hash", sa.String(64)),
    sa.Column("open_issuances", sa.Integer),
    sa.Column("outbox", sa.Integer),
)

# The newest journal head of each machine whose signature was right.
journal_heads = sa.Table(
    "journal_heads",
    metadata,
    sa.Column("machine_id", sa.ForeignKey("machines.machine_id"), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("certificate_sha256", sa.String(64), nullable=False),  # of the DER, whose key signed
    sa.Column("kept_at", sa.String(32), nullable=False),
)

# The newest self-test of each machine and level.
self_tests = sa.Table(
    "self_tests",
    metadata,
    sa.Column("machine_id", sa.ForeignKey("machines.machine_id"), primary_key=True),
    sa.Column("level", sa.String(16), primary_key=True),
    sa.Column("began_at", sa.String(32), nullable=False),  # by the machine's clock
    sa.Column("well", sa.Boolean, nullable=False),
    sa.Column("failed", sa.Text, nullable=False),  # JSON array of devices
    sa.Column("report", sa.LargeBinary, nullable=False),  # JSON, as it was signed
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

# Machines that shall test themselves, and have not been told yet.
asked_self_tests = sa.Table(
    "asked_self_tests",
    metadata,
    sa.Column("machine_id", sa.ForeignKey("machines.machine_id"), primary_key=True),
    sa.Column("asked_at", sa.String(32), nullable=False),
)

# What a person must look into: one open alarm a machine and kind.
alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("alarm_id", sa.String(36), primary_key=True),
    sa.Column("machine_id", sa.String(128), nullable=False, index=True),
    sa.Column("kind", sa.String(32), nullable=False),
    # Machine and kind while the alarm is open, else NULL: unique, so there is one at most.
    sa.Column("open_key", sa.String(192), unique=True),
    sa.Column("raised_at", sa.String(32), nullable=False),
    sa.Column("details", sa.Text, nullable=False),  # canonical JSON, no personal data
    sa.Column("cleared_at", sa.String(32)),
    sa.Column("cleared_by", sa.String(32)),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("machine_id", sa.String(128), nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("details", sa.Text, nullable=False),  # canonical JSON, no personal data
    sa.Column("hash", sa.LargeBinary, nullable=False),  # SHA-256 over the previous hash and this entry
)
