"""What every button does: shared by the tests that touch them and the one that looks for others."""

from typing import Any

#: Button of a case, and the act it sends, as JSON.
ACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("attract", "start", {"start": {}}),
    ("attract", "use_qr", {"useQr": {}}),
    ("attract", "check_document", {"checkDocument": {}}),
    ("attract", "language", {"setLanguage": {"language": "LANGUAGE_EN"}}),
    ("place_card", "cancel", {"cancel": {}}),
    ("place_card", "use_qr", {"useQr": {}}),
    ("reading", "cancel", {"cancel": {}}),
    ("face-closer", "cancel", {"cancel": {}}),
    ("face-closer", "ask_officer", {"askOfficer": {}}),
    ("choose_document", "choose:d-ak1", {"choose": {"documentId": "d-ak1"}}),
    ("choose_document", "done", {"done": {}}),
    ("proofread-kk", "confirm", {"confirm": {}}),
    ("proofread-kk", "reject", {"reject": {}}),
    ("proofread-kk", "cancel", {"cancel": {}}),
    ("proofread-pages", "next_page", {"turnPage": {"page": 3}}),
    ("proofread-pages", "previous_page", {"turnPage": {"page": 1}}),
    ("printing-printing", "language", {"setLanguage": {"language": "LANGUAGE_EN"}}),
    ("take_paper-1", "done", {"done": {}}),
    ("receipt-ready", "done", {"done": {}}),
    ("goodbye", "done", {"done": {}}),
    ("trouble-no_network", "retry", {"retry": {}}),
    ("trouble-no_network", "done", {"done": {}}),
    ("trouble-machine", "done", {"done": {}}),
    ("out_of_service-device", "language", {"setLanguage": {"language": "LANGUAGE_EN"}}),
    ("still_there", "keep_going", {"keepGoing": {}}),
    ("still_there", "cancel", {"cancel": {}}),
    ("show_qr-sign_in", "cancel", {"cancel": {}}),
    ("verdict-valid", "done", {"done": {}}),
    ("verdict-valid", "check_document", {"checkDocument": {}}),
    ("take_card-touch", "done", {"done": {}}),
    ("surrender_card-slot", "confirm", {"confirm": {}}),
    ("surrender_card-officer", "reject", {"reject": {}}),
]

#: Buttons that stay in the screens and send nothing by themselves.
OWN = {"text_size", "zoom_in", "zoom_out", "next_page", "previous_page", "digit", "erase", "enter"}
