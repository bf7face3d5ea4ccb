"""What a call is refused with: a code, a reason from the contract, and words for the machine's log.

Refused
└── Unauthenticated    the machine showed no usable identity
"""

from collections.abc import Mapping
from typing import Any

import grpc
from adm.registry.v1 import registry_pb2 as pb
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "registry.adm"


class Refused(Exception):
    """A call that central does not grant. The message carries no personal data.

    Attributes:
        reason: Why, by the contract.
        code: gRPC's word for it.
        metadata: More, for ErrorInfo.metadata.
        retry_s: When to try again, for RetryInfo; None says nothing.
    """

    def __init__(
        self,
        reason: "pb.ErrorReason.ValueType",
        message: str,
        code: grpc.StatusCode = grpc.StatusCode.FAILED_PRECONDITION,
        metadata: Mapping[str, str] | None = None,
        retry_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.code = code
        self.metadata = dict(metadata or {})
        self.retry_s = retry_s

    @property
    def reason_name(self) -> str:
        """The reason as it travels in ErrorInfo."""
        return pb.ErrorReason.Name(self.reason)

    def status(self) -> status_pb2.Status:
        """The refusal as google.rpc.Status."""
        info = error_details_pb2.ErrorInfo(reason=self.reason_name, domain=DOMAIN, metadata=self.metadata)
        details = [_packed(info)]
        if self.retry_s is not None:
            retry = error_details_pb2.RetryInfo()
            retry.retry_delay.FromMilliseconds(round(self.retry_s * 1000))
            details.append(_packed(retry))
        number: Any = self.code.value[0]
        return status_pb2.Status(code=number, message=str(self), details=details)


class Unauthenticated(Refused):
    """The machine showed no usable identity."""

    def __init__(self, message: str) -> None:
        super().__init__(pb.ERROR_REASON_MACHINE_REFUSED, message, grpc.StatusCode.UNAUTHENTICATED)


def _packed(message: Message) -> AnyMessage:
    detail = AnyMessage()
    detail.Pack(message)
    return detail
