"""Which machine calls: the SPIFFE id of its certificate, never a field of a request."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import grpc

from central.errors import Unauthenticated

if TYPE_CHECKING:
    # Generic in the stubs only, over request and response.
    Context = grpc.aio.ServicerContext[Any, Any]
else:
    Context = grpc.aio.ServicerContext

# Segments of a path: letters, digits, dots, dashes and underscores (SPIFFE-ID 2.2).
_MACHINE_ID = re.compile(
    r"spiffe://(?P<domain>[a-z0-9._-]+)/(?P<path>kiosk/(?P<regency>[0-9]{4})/[A-Za-z0-9._-]{1,64})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as its certificate names it.

    Attributes:
        id: Path of its SPIFFE id without the first slash, as kiosk/3520/mpp-01.
        regency: Code of the regency it stands in, as 3520.
    """

    id: str
    regency: str

    @classmethod
    def from_spiffe_id(cls, spiffe_id: str, trust_domain: str) -> Self:
        """The machine of a SPIFFE id `spiffe://<trust domain>/kiosk/<regency>/<name>`.

        Raises:
            Unauthenticated: It is another kind of id, or of another trust domain.
        """
        match = _MACHINE_ID.fullmatch(spiffe_id)
        if match and match["domain"] == trust_domain:
            return cls(match["path"], match["regency"])
        raise Unauthenticated("the certificate does not name a machine of this trust domain")


def machine_of(context: Context, trust_domain: str) -> Machine:
    """The machine behind a call.

    Raises:
        Unauthenticated: Its certificate names none.
    """
    ids = context.auth_context().get("peer_spiffe_id", ())
    values = [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in ids]
    if len(values) != 1:
        raise Unauthenticated("the certificate carries no SPIFFE id")
    return Machine.from_spiffe_id(values[0], trust_domain)
