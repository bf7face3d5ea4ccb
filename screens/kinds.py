"""How kinds of documents and their availability look: icon and word key of each."""

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.registry.v1 import registry_pb2 as registry

from screens.words import say

_KINDS = {
    registry.DOCUMENT_KIND_KTP_EL: ("ktp_el", "card"),
    registry.DOCUMENT_KIND_KIA: ("kia", "cards"),
    registry.DOCUMENT_KIND_KK: ("kk", "users"),
    registry.DOCUMENT_KIND_BIODATA: ("biodata", "person-list"),
    registry.DOCUMENT_KIND_AKTA_KELAHIRAN: ("akta_kelahiran", "baby"),
    registry.DOCUMENT_KIND_AKTA_KEMATIAN: ("akta_kematian", "flower"),
    registry.DOCUMENT_KIND_SKPWNI: ("skpwni", "truck"),
}


def kind_name(kind: registry.DocumentKind.ValueType) -> str:
    """What a kind of document is called, in the language in use."""
    return say(f"kind.{_KINDS.get(kind, ('other', ''))[0]}")


def kind_icon(kind: registry.DocumentKind.ValueType) -> str:
    """Icon of a kind of document."""
    return _KINDS.get(kind, ("", "file"))[1]


def offered(availability: fleet.Availability.ValueType) -> bool:
    """Whether it can be had now; a service that needs somebody soon still serves."""
    return availability in (fleet.AVAILABILITY_AVAILABLE, fleet.AVAILABILITY_DEGRADED)
