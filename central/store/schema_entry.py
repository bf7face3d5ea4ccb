"""Tables of what residents bring instead of a card or a face: QR codes with PINs, officers' release codes."""

import sqlalchemy as sa

from central.store.schema import metadata

qr_codes = sa.Table(
    "qr_codes",
    metadata,
    sa.Column("token_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("nik", sa.ForeignKey("residents.nik"), nullable=False, index=True),
    sa.Column("pin_salt", sa.LargeBinary, nullable=False),
    sa.Column("pin_hash", sa.LargeBinary, nullable=False),
    sa.Column("issued_at", sa.String(32), nullable=False),
    sa.Column("expires_at", sa.String(32), nullable=False),
    sa.Column("once", sa.Boolean, nullable=False),
    sa.Column("used_at", sa.String(32)),  # last time the PIN was right
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("last_failed_at", sa.String(32)),
    sa.Column("locked_until", sa.String(32)),
)

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("release_id", sa.String(36), primary_key=True),
    sa.Column("nik", sa.ForeignKey("residents.nik"), nullable=False, index=True),
    sa.Column("code_salt", sa.LargeBinary, nullable=False),
    sa.Column("code_hash", sa.LargeBinary, nullable=False),
    sa.Column("staff", sa.String(32), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_at", sa.String(32), nullable=False),
    sa.Column("expires_at", sa.String(32), nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),  # wrong codes since
    sa.Column("used_at", sa.String(32)),
)
