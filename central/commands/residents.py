"""`central qr`, `central officer`: what an officer does for one resident. Who may, the operating system says."""

import argparse
import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.columns import columns
from central.commands.common import CannotDo, add_config, add_staff, opened
from central.files import write_private
from central.logs import mask_nik
from central.registry import attempts, catalogue, qr, releases, replacements
from central.registry.qr import NewCode
from central.registry.releases import NewRelease
from central.registry.replacements import NotReplaceable
from central.store import audit, residents
from central.store.residents import Row

if TYPE_CHECKING:
    from central.commands.common import Commands


def add(commands: "Commands") -> None:
    """Add the commands."""
    codes = commands.add_parser("qr", help="QR codes of residents without a card").add_subparsers(
        required=True, metavar="issue"
    )
    issue = codes.add_parser("issue", help="make a code and its PIN; codes given before end")
    issue.add_argument("nik", metavar="NIK")
    issue.add_argument("--out", type=Path, metavar="FILE.png", help="the picture (default: named after the code)")
    issue.add_argument("--valid-days", type=_days, metavar="N", help="(default: as configured)")
    issue.add_argument("--once", action="store_true", help="good for one session")
    issue.set_defaults(run=_issue)
    add_config(issue)

    officer = commands.add_parser("officer", help="what only an officer may do").add_subparsers(
        required=True, metavar="COMMAND"
    )
    release = officer.add_parser("release", help="make a code that stands in for the face, once")
    release.add_argument("nik", metavar="NIK")
    release.add_argument("--reason", required=True, metavar="TEXT", type=_reason, help="why; kept at the registry")
    release.set_defaults(run=_release)
    unlock = officer.add_parser("unlock", help="end a lock after wrong faces or PINs")
    unlock.add_argument("nik", metavar="NIK")
    unlock.set_defaults(run=_unlock)
    replace = officer.add_parser("replace", help="let a document that was handed over be issued once more")
    replace.add_argument("document_id", metavar="DOCUMENT_ID")
    replace.add_argument("--reason", required=True, choices=replacements.REASONS)
    replace.set_defaults(run=_replace)
    listing = officer.add_parser("documents", help="list a resident's documents with their ids")
    listing.add_argument("nik", metavar="NIK")
    listing.set_defaults(run=_documents)
    add_config(listing)
    for parser in (release, unlock, replace):
        add_staff(parser)
        add_config(parser)


def picture(code: NewCode) -> bytes:
    """A code as PNG, to be printed or shown on a telephone."""
    # Only here: the server draws no such codes.
    import segno

    out = io.BytesIO()
    segno.make_qr(code.text, error="m").save(out, kind="png", scale=10, border=4)
    return out.getvalue()


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError("1 to 3650 days")
    return int(text)


def _reason(text: str) -> str:
    if not text.strip() or len(text) > 500:
        raise argparse.ArgumentTypeError("a reason has 1 to 500 characters")
    return text.strip()


def _issue(options: argparse.Namespace) -> int:
    code, now = NewCode.make(), datetime.now(UTC)
    file = options.out or Path(f"qr-{hashlib.sha256(code.token.encode()).hexdigest()[:8]}.png")
    with opened(options) as (config, store):
        expires_at = now + timedelta(days=options.valid_days or config.qr.valid_days)
        once = options.once or config.qr.once

        def work(connection: sa.Connection) -> None:
            _living(connection, options.nik)
            qr.keep(connection, options.nik, code, expires_at, once, now)
            # Within the transaction: a code nobody has a picture of must not end the one before.
            try:
                write_private(file, picture(code))
            except OSError as error:
                raise CannotDo(f"{file}: {error.strerror}") from error

        store.write_now(work)
    print(f"QR   {file}")
    print(f"PIN  {code.pin}  (shown this once)")
    print(f"for  {mask_nik(options.nik)}, until {expires_at:%Y-%m-%d}{', good for once' if once else ''}")
    return 0


def _release(options: argparse.Namespace) -> int:
    release, now = NewRelease.make(), datetime.now(UTC)
    with opened(options) as (config, store):

        def work(connection: sa.Connection) -> datetime:
            _living(connection, options.nik)
            attempts.forget(connection, options.nik)
            qr.unlock(connection, options.nik)
            return releases.keep(connection, options.nik, release, config.release, options.by, options.reason, now)

        expires_at = store.write_now(work)
    print(f"code {release.code}  (shown this once)")
    print(f"for  {mask_nik(options.nik)}, once, until {expires_at:%H:%M} UTC")
    return 0


def _unlock(options: argparse.Namespace) -> int:
    def work(connection: sa.Connection) -> bool:
        _living(connection, options.nik)
        face, pin = attempts.forget(connection, options.nik), qr.unlock(connection, options.nik)
        if face or pin:
            details = {"resident": mask_nik(options.nik), "face": face, "pin": pin}
            audit.append(connection, datetime.now(UTC), f"officer/{options.by}", "unlocked", details)
        return face or pin

    with opened(options) as (_, store):
        done = store.write_now(work)
    print(f"central: {mask_nik(options.nik)} {'may try again' if done else 'was not locked'}")
    return 0


def _replace(options: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    with opened(options) as (_, store):
        try:
            receipt = store.write_now(
                lambda c: replacements.grant(c, options.document_id, options.by, options.reason, now)
            )
        except NotReplaceable as error:
            raise CannotDo(str(error)) from error
    print(f"central: {receipt} is superseded; {options.document_id} may be issued once more")
    return 0


def _documents(options: argparse.Namespace) -> int:
    def work(connection: sa.Connection) -> list[pb.Document]:
        return catalogue.listing(connection, _living(connection, options.nik), datetime.now(UTC))

    with opened(options) as (_, store):
        found = store.read_now(work)
    rows = [
        [
            document.document_id,
            pb.DocumentKind.Name(document.kind).removeprefix("DOCUMENT_KIND_"),
            pb.DocumentState.Name(document.state).removeprefix("DOCUMENT_STATE_"),
        ]
        for document in found
    ]
    print(columns([["DOCUMENT_ID", "KIND", "STATE"], *rows]))
    return 0


def _living(connection: sa.Connection, nik: str) -> Row:
    person = residents.resident(connection, nik)
    if person is None or person.died_on is not None:
        raise CannotDo("no living resident with this NIK")
    return person
