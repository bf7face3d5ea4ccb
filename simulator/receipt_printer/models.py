"""Receipt printer models the simulator can be. Ids are the makers' (usb.ids)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Attributes:
        paper_dots: Width of the roll; `width_dots` of it can be printed on.
        process_id: Whether it answers GS ( H function 48.
        automatic_status: Whether it obeys GS a.
    """

    name: str
    maker: str
    vendor_id: int
    product_id: int
    width_dots: int
    paper_dots: int
    cutter: bool
    native_qr: bool
    process_id: bool
    automatic_status: bool = False


MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        Model("TM-T20II", "EPSON", 0x04B8, 0x0E15, 576, 640, True, True, True, automatic_status=True),
        Model("KR-306", "Kefar", 0x6868, 0x0200, 576, 640, True, False, False),
        Model("RP-F10-58mm", "Seiko", 0x0619, 0x0126, 432, 464, True, True, False),
        Model("POS-5890", "Zjiang", 0x0416, 0x5011, 384, 464, False, False, False),
    )
}
