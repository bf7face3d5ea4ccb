"""A View for every screen and every case of it, with invented people."""

from collections.abc import Iterator, Sequence
from typing import Any

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from screens.tools import technicians

KK, AKTA = "kk", "akta"
NUMBER = "7K2M-94QD"


def _name(enum: Any, value: int, prefix: str) -> str:
    return str(enum.Name(value)).removeprefix(prefix).lower()


def _choice(
    document_id: str, kind: Any, name: str, state: Any = registry.DOCUMENT_STATE_READY, here: bool = True
) -> pb.DocumentChoice:
    availability = fleet.AVAILABILITY_AVAILABLE if here else fleet.AVAILABILITY_UNAVAILABLE
    return pb.DocumentChoice(
        document_id=document_id, kind=kind, subject_name=name, state=state, availability=availability
    )


_FOUR = (
    registry.DOCUMENT_KIND_KK,
    registry.DOCUMENT_KIND_AKTA_KELAHIRAN,
    registry.DOCUMENT_KIND_BIODATA,
    registry.DOCUMENT_KIND_SKPWNI,
)
_ALL = (
    registry.DOCUMENT_KIND_KK,
    registry.DOCUMENT_KIND_BIODATA,
    registry.DOCUMENT_KIND_AKTA_KELAHIRAN,
    registry.DOCUMENT_KIND_AKTA_KEMATIAN,
    registry.DOCUMENT_KIND_SKPWNI,
    registry.DOCUMENT_KIND_KTP_EL,
    registry.DOCUMENT_KIND_KIA,
)


def _attract(*closed: Any, kinds: Sequence[Any] = _FOUR) -> pb.View:
    services = [
        pb.ServiceOffer(
            kind=kind,
            availability=fleet.AVAILABILITY_UNAVAILABLE if kind in closed else fleet.AVAILABILITY_AVAILABLE,
        )
        for kind in kinds
    ]
    return pb.View(attract=pb.AttractScreen(site_name="Mal Pelayanan Publik Magetan", services=services))


def _documents() -> list[pb.DocumentChoice]:
    return [
        _choice("d-kk", registry.DOCUMENT_KIND_KK, "Keluarga Siti Aminah"),
        _choice("d-ak1", registry.DOCUMENT_KIND_AKTA_KELAHIRAN, "Bagus Prasetyo"),
        _choice("d-bio", registry.DOCUMENT_KIND_BIODATA, "Siti Aminah"),
        _choice("d-ak2", registry.DOCUMENT_KIND_AKTA_KELAHIRAN, "Ratna Ayu", registry.DOCUMENT_STATE_ISSUED),
        _choice("d-pindah", registry.DOCUMENT_KIND_SKPWNI, "Siti Aminah", registry.DOCUMENT_STATE_IN_PROGRESS),
        _choice("d-ktp", registry.DOCUMENT_KIND_KTP_EL, "Siti Aminah", here=False),
    ]


def _more_documents() -> list[pb.DocumentChoice]:
    return [
        _choice("d-kia", registry.DOCUMENT_KIND_KIA, "Ratna Ayu", here=False),
        _choice("d-mati", registry.DOCUMENT_KIND_AKTA_KEMATIAN, "Joko Susilo"),
        _choice("d-new", registry.DOCUMENT_KIND_UNSPECIFIED, "Siti Aminah"),
    ]


def _choose(documents: list[pb.DocumentChoice]) -> pb.View:
    return pb.View(
        timeout_s=90, choose_document=pb.ChooseDocumentScreen(resident_name="Siti Aminah", documents=documents)
    )


def _proofread(kind: Any, image: str, subject: str, page: int = 1, pages: int = 1) -> pb.View:
    screen = pb.ProofreadScreen(kind=kind, subject_name=subject, image_id=image, page=page, page_count=pages)
    return pb.View(timeout_s=120, proofread=screen)


def _trouble(kind: Any) -> pb.View:
    with_number = {
        pb.TROUBLE_KIND_SPOILED,
        pb.TROUBLE_KIND_OUTCOME_UNKNOWN,
        pb.TROUBLE_KIND_NOT_TAKEN,
        pb.TROUBLE_KIND_MACHINE,
        pb.TROUBLE_KIND_BLANK_DEFECTIVE,
        pb.TROUBLE_KIND_CARD_NOT_TAKEN,
        pb.TROUBLE_KIND_PAPER_RETRACTED,
        pb.TROUBLE_KIND_PAPER_RETAINED,
    }
    with_slip = {
        pb.TROUBLE_KIND_OUTCOME_UNKNOWN,
        pb.TROUBLE_KIND_PAPER_RETRACTED,
        pb.TROUBLE_KIND_PAPER_RETAINED,
        pb.TROUBLE_KIND_CARD_NOT_TAKEN,
    }
    with_retry = {pb.TROUBLE_KIND_NO_NETWORK, pb.TROUBLE_KIND_DATA_CHANGED, pb.TROUBLE_KIND_CARD_UNREADABLE}
    return pb.View(
        timeout_s=45,
        trouble=pb.TroubleScreen(
            kind=kind,
            reference=NUMBER if kind in with_number else "",
            can_retry=kind in with_retry,
            slip=kind in with_slip,
            locked_minutes=15 if kind in (pb.TROUBLE_KIND_FACE_LOCKED, pb.TROUBLE_KIND_PIN_LOCKED) else 0,
        ),
    )


def _values(enum: Any) -> list[Any]:
    return [value for value in enum.values() if value]


def _new_cases() -> Iterator[tuple[str, pb.View]]:
    for purpose, name in ((pb.QR_PURPOSE_SIGN_IN, "sign_in"), (pb.QR_PURPOSE_CHECK_DOCUMENT, "check")):
        yield f"show_qr-{name}", pb.View(timeout_s=60, show_qr=pb.ShowQrScreen(purpose=purpose))
    not_ours = pb.ShowQrScreen(purpose=pb.QR_PURPOSE_SIGN_IN, hint=pb.QR_HINT_NOT_OURS)
    yield "show_qr-not_ours", pb.View(timeout_s=60, show_qr=not_ours)
    yield "enter_pin", pb.View(timeout_s=60, enter_pin=pb.EnterPinScreen(length=6))
    yield "enter_pin-wrong", pb.View(timeout_s=60, enter_pin=pb.EnterPinScreen(length=6, wrong=True, attempts_left=2))
    yield "officer", pb.View(timeout_s=60, officer=pb.OfficerScreen(length=8))
    yield "officer-wrong", pb.View(timeout_s=60, officer=pb.OfficerScreen(length=8, wrong=True))
    for validity in _values(registry.DocumentValidity):
        name = _name(registry.DocumentValidity, validity, "DOCUMENT_VALIDITY_")
        verdict = pb.VerdictScreen(validity=validity)
        if validity != registry.DOCUMENT_VALIDITY_NOT_GENUINE:
            verdict.kind = registry.DOCUMENT_KIND_AKTA_KELAHIRAN
            verdict.signer = "Kepala Dinas Dukcapil Kabupaten Magetan"
            verdict.issued_at.FromJsonString("2026-11-23T05:00:00Z")
        yield f"verdict-{name}", pb.View(timeout_s=60, verdict=verdict)
    for touch in (False, True):
        card = pb.TakeCardScreen(kind=registry.DOCUMENT_KIND_KTP_EL, confirm_by_touch=touch)
        yield f"take_card-{'touch' if touch else 'sensor'}", pb.View(timeout_s=45, take_card=card)
    for name, into_slot, not_seen in (("slot", True, False), ("not_seen", True, True), ("officer", False, False)):
        old = pb.SurrenderCardScreen(kind=registry.DOCUMENT_KIND_KTP_EL, into_slot=into_slot, not_seen=not_seen)
        yield f"surrender_card-{name}", pb.View(timeout_s=90, surrender_card=old)
    old = pb.SurrenderCardScreen(kind=registry.DOCUMENT_KIND_KTP_EL, officer_confirms=True)
    yield "surrender_card-confirmed", pb.View(timeout_s=90, surrender_card=old)


def cases() -> Iterator[tuple[str, pb.View]]:
    """Name and View of every case; a name begins with its screen's. The language is the caller's to set."""
    yield "attract", _attract()
    yield "attract-closed", _attract(registry.DOCUMENT_KIND_AKTA_KELAHIRAN, registry.DOCUMENT_KIND_SKPWNI)
    everything = _attract(kinds=_values(registry.DocumentKind))
    everything.attract.check_document = fleet.AVAILABILITY_UNAVAILABLE
    yield "attract-cards", everything
    alone = _attract()
    alone.attract.check_document = alone.attract.use_qr = fleet.AVAILABILITY_UNAVAILABLE
    yield "attract-alone", alone
    by_code = _attract(registry.DOCUMENT_KIND_KTP_EL, registry.DOCUMENT_KIND_KIA, kinds=_ALL)
    by_code.attract.use_card = fleet.AVAILABILITY_UNAVAILABLE
    by_code.attract.services[-1].opens_at.FromJsonString("2026-01-05T01:00:00Z")
    yield "attract-code", by_code
    yield "attract-no_paper", _attract(*_ALL[:5], kinds=_ALL)
    yield "place_card", pb.View(timeout_s=60, place_card=pb.PlaceCardScreen())
    for hint in _values(pb.CardHint):
        name = _name(pb.CardHint, hint, "CARD_HINT_")
        yield f"place_card-{name}", pb.View(timeout_s=60, place_card=pb.PlaceCardScreen(hint=hint))
    yield "reading", pb.View(reading=pb.ReadingScreen(progress=0.6))
    for hint in [pb.FACE_HINT_UNSPECIFIED, *_values(pb.FaceHint)]:
        name = _name(pb.FaceHint, hint, "FACE_HINT_")
        face = pb.FaceScreen(phase=pb.FACE_PHASE_LOOKING, hint=hint, attempts_left=3, progress=0.0 if hint else 0.65)
        yield f"face-{'good' if not hint else name}", pb.View(timeout_s=60, face=face)
    for phase in (pb.FACE_PHASE_CHECKING, pb.FACE_PHASE_MATCHED, pb.FACE_PHASE_NOT_MATCHED):
        name = _name(pb.FacePhase, phase, "FACE_PHASE_")
        yield f"face-phase-{name}", pb.View(face=pb.FaceScreen(phase=phase, attempts_left=2, progress=1))
    turning = pb.FaceScreen(phase=pb.FACE_PHASE_TURNING, hint=pb.FACE_HINT_TURN_LEFT, attempts_left=3, progress=0.5)
    yield "face-turning", pb.View(timeout_s=60, face=turning)
    yield "choose_document", _choose(_documents())
    hot = _documents()[5]
    hot.opens_at.FromJsonString("2026-01-05T01:00:00Z")
    yield "choose_document-opens", _choose([hot])
    taken_back = _documents()[0]
    taken_back.taken_back_at.FromJsonString("2026-11-21T05:00:00Z")
    yield "choose_document-one", _choose([taken_back])
    yield "choose_document-many", _choose([*_more_documents(), *_documents()])
    yield "choose_document-none", _choose([])
    yield "proofread-kk", _proofread(registry.DOCUMENT_KIND_KK, KK, "Keluarga Siti Aminah")
    yield "proofread-akta", _proofread(registry.DOCUMENT_KIND_AKTA_KELAHIRAN, AKTA, "Bagus Prasetyo")
    yield "proofread-pages", _proofread(registry.DOCUMENT_KIND_SKPWNI, AKTA, "Siti Aminah", 2, 3)
    card = _proofread(registry.DOCUMENT_KIND_KTP_EL, "card-front", "Siti Aminah")
    card.proofread.back_image_id = "card-back"
    yield "proofread-card", card
    card_printing = pb.PrintingScreen(kind=registry.DOCUMENT_KIND_KTP_EL, step=pb.PRINTING_STEP_PRINTING, progress=0.8)
    yield "printing-card", pb.View(printing=card_printing)
    card_feeding = pb.PrintingScreen(kind=registry.DOCUMENT_KIND_KTP_EL, step=pb.PRINTING_STEP_FEEDING, progress=0.2)
    yield "printing-card-feeding", pb.View(printing=card_feeding)
    for step in _values(pb.PrintingStep):
        name = _name(pb.PrintingStep, step, "PRINTING_STEP_")
        card = step == pb.PRINTING_STEP_ENCODING
        kind = registry.DOCUMENT_KIND_KTP_EL if card else registry.DOCUMENT_KIND_KK
        printing = pb.PrintingScreen(kind=kind, step=step, progress=step / 6)
        yield f"printing-{name}", pb.View(printing=printing)
    for pages in (1, 2):
        taking = pb.TakePaperScreen(kind=registry.DOCUMENT_KIND_KK, page_count=pages)
        yield f"take_paper-{pages}", pb.View(timeout_s=60, take_paper=taking)
    noticed = pb.TakePaperScreen(kind=registry.DOCUMENT_KIND_KK, page_count=1, noticed=True)
    yield "take_paper-noticed", pb.View(timeout_s=30, take_paper=noticed)
    for state in _values(pb.ReceiptState):
        name = _name(pb.ReceiptState, state, "RECEIPT_STATE_")
        timeout_s = 0 if state == pb.RECEIPT_STATE_PRINTING else 30
        receipt = pb.ReceiptScreen(state=state, receipt_number=NUMBER)
        yield f"receipt-{name}", pb.View(timeout_s=timeout_s, receipt=receipt)
    yield "goodbye", pb.View(timeout_s=8, goodbye=pb.GoodbyeScreen())
    yield "goodbye-card", pb.View(timeout_s=20, goodbye=pb.GoodbyeScreen(card_on_reader=True))
    for kind in _values(pb.TroubleKind):
        yield f"trouble-{_name(pb.TroubleKind, kind, 'TROUBLE_KIND_')}", _trouble(kind)
    for reason in _values(pb.OutOfServiceReason):
        name = _name(pb.OutOfServiceReason, reason, "OUT_OF_SERVICE_REASON_")
        detail = "document_printer:hardwareError" if reason == pb.OUT_OF_SERVICE_REASON_DEVICE else ""
        yield f"out_of_service-{name}", pb.View(out_of_service=pb.OutOfServiceScreen(reason=reason, detail=detail))
    cooling = pb.OutOfServiceScreen(
        reason=pb.OUT_OF_SERVICE_REASON_DEVICE, detail="kia_printer:hot", check_document=True
    )
    cooling.opens_at.FromJsonString("2026-01-05T01:00:00Z")
    yield "out_of_service-but", pb.View(out_of_service=cooling)
    yield from _new_cases()
    yield from technicians.cases()
    yield "still_there", pb.View(timeout_s=20, still_there=pb.StillThereScreen(seconds_left=14))
    lying = pb.StillThereScreen(seconds_left=14, to_take=registry.DOCUMENT_KIND_KTP_EL)
    yield "still_there-take", pb.View(timeout_s=20, still_there=lying)


#: Cases drawn with a picture from the camera; the others show the empty mirror, as before the first frame.
WITH_FACE = {"face-good", "face-phase-matched"}
