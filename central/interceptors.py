"""What every call passes: a deadline, the contract's rules, enrolment; refusals become google.rpc.Status.

One interceptor, outermost first: translate and log, enrolment, deadline, validation, then the service.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import protovalidate
from adm.registry.v1 import registry_pb2 as pb
from google.protobuf.message import Message
from grpc_status import rpc_status

from central.errors import Refused
from central.identity import Machine, machine_of
from central.logs import Level, log

Enrolled = Callable[[Machine], Awaitable[bool]]

_OURS = "/adm."


class Gate(grpc.aio.ServerInterceptor):
    """Stands before every method of our services; others, as grpc.health, pass by.

    Args:
        trust_domain: SPIFFE trust domain of the machines.
        enrolled: Whether a machine may call.
        call_s: Longest a call may take, seconds; streams of the fleet are exempt.
    """

    def __init__(self, trust_domain: str, enrolled: Enrolled, call_s: float) -> None:
        self._trust_domain = trust_domain
        self._enrolled = enrolled
        self._call_s = call_s

    async def intercept_service(self, continuation: Any, details: grpc.HandlerCallDetails) -> Any:
        """Wrap the method's handler."""
        handler = await continuation(details)
        if handler is None or not details.method.startswith(_OURS):
            return handler
        method = details.method.rsplit("/", 1)[-1]
        codecs = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.stream_stream:
            return grpc.stream_stream_rpc_method_handler(self._streams(method, handler.stream_stream), **codecs)
        if handler.unary_stream:
            return grpc.unary_stream_rpc_method_handler(self._stream(method, handler.unary_stream), **codecs)
        if handler.unary_unary:
            return grpc.unary_unary_rpc_method_handler(self._call(method, handler.unary_unary), **codecs)
        raise TypeError(f"{details.method}: client streaming is not used by our contracts")

    def _call(self, method: str, behaviour: Any) -> Any:
        async def call(request: Message, context: Any) -> Any:
            async with _Translated(method, context):
                await self._admit(context)
                async with asyncio.timeout(self._time(context)):
                    validate(request)
                    return await behaviour(request, context)

        return call

    def _stream(self, method: str, behaviour: Any) -> Any:
        async def stream(request: Message, context: Any) -> AsyncIterator[Any]:
            async with _Translated(method, context):
                await self._admit(context)
                async with asyncio.timeout(self._time(context)):
                    validate(request)
                    async for response in behaviour(request, context):
                        yield response

        return stream

    def _streams(self, method: str, behaviour: Any) -> Any:
        async def streams(requests: AsyncIterator[Message], context: Any) -> AsyncIterator[Any]:
            async with _Translated(method, context):
                await self._admit(context)
                async for response in behaviour(_validated(requests), context):
                    yield response

        return streams

    async def _admit(self, context: Any) -> None:
        machine = machine_of(context, self._trust_domain)
        if not await self._enrolled(machine):
            raise Refused(
                pb.ERROR_REASON_MACHINE_REFUSED, "the machine is not enrolled", grpc.StatusCode.PERMISSION_DENIED
            )

    def _time(self, context: Any) -> float:
        remaining = context.time_remaining()
        return self._call_s if remaining is None else min(self._call_s, remaining)


def validate(message: Message) -> None:
    """Check a message against the rules of its contract.

    Raises:
        Refused: It breaks some; the message names the fields and rules, not the values.
    """
    violations = protovalidate.collect_violations(message)
    if violations:
        listed = "; ".join(f"{_path(violation)}: {violation.proto.message}" for violation in violations)
        raise Refused(pb.ERROR_REASON_INVALID_REQUEST, listed, grpc.StatusCode.INVALID_ARGUMENT)


def _path(violation: protovalidate.Violation) -> str:
    field = violation.proto.field
    return ".".join(element.field_name for element in field.elements) if field else ""


async def _validated(requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
    async for request in requests:
        validate(request)
        yield request


class _Translated:
    """Ends a call with the status its exception stands for. Supervised boundary: nothing unexpected leaves it."""

    def __init__(self, method: str, context: Any) -> None:
        self._method = method
        self._context = context
        self._began_s = time.monotonic()

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        match error:
            case Refused():
                self._log("refused", error.reason_name, Level.WARNING)
                await self._context.abort_with_status(rpc_status.to_status(error.status()))
            case TimeoutError():
                self._log("deadline passed", "DEADLINE_EXCEEDED", Level.WARNING)
                await self._context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the call took too long")
            case Exception() if not isinstance(error, grpc.aio.AbortError):
                # The class only: a message may quote a resident.
                self._log("failed", type(error).__name__, Level.ERROR)
                await self._context.abort(grpc.StatusCode.INTERNAL, "internal error")

    def _log(self, event: str, reason: str, level: Level) -> None:
        duration_ms = round((time.monotonic() - self._began_s) * 1000)
        ids = self._context.auth_context().get("peer_spiffe_id", ())
        machine = ids[0].decode("utf-8", "replace") if ids else ""
        log(event, level, method=self._method, reason=reason, machine=machine, duration_ms=duration_ms)
