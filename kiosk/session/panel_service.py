"""The panel over gRPC on a unix socket: what screens and command line call. Translates, decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import grpc
import grpc.aio
import protovalidate
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech
from adm.panel.v1.panel_pb2_grpc import PanelServiceServicer

from kiosk.issuance.errors import JournalError
from kiosk.issuance.outcome import SettleRefused
from kiosk.issuance.stock import Book
from kiosk.issuance.stock_keeping import as_message
from kiosk.session.panel import Panel


class InSession(Exception):
    """Not while somebody is being served."""


class Machine(Protocol):
    """What the panel asks of the rest of the daemon."""

    def status(self) -> pb.GetStatusResponse:
        """How the machine is."""

    async def settle(self, key: str, taken: bool) -> None:
        """Record a technician's finding. Raises InSession, KeyError."""

    async def stock(self) -> list[Book]:
        """The books of blanks and supplies."""

    async def record_stock(self, request: pb.RecordStockRequest) -> list[Book]:
        """Write down what two people did. Raises InSession, JournalError."""

    async def record_use(self, request: pb.RecordUseRequest) -> None:
        """Write down what a self-test is about to use up. Raises JournalError."""

    def ask_self_test(self) -> None:
        """One is wanted as soon as nobody is being served."""

    def maintained(self, purpose: str) -> AbstractAsyncContextManager[None]:
        """Every device is free inside. Raises InSession."""


class PanelService(PanelServiceServicer):
    """One for the daemon."""

    def __init__(self, panel: Panel, machine: Machine) -> None:
        self._panel = panel
        self._machine = machine

    async def Watch(
        self, request: pb.WatchRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[pb.WatchResponse]:
        """The current View, then each new one."""
        async for view in self._panel.views():
            yield pb.WatchResponse(view=view)

    async def Act(self, request: pb.ActRequest, context: grpc.aio.ServicerContext[Any, Any]) -> pb.ActResponse:
        """A touch."""
        return pb.ActResponse(accepted=await self._panel.act(request))

    async def Preview(
        self, request: pb.PreviewRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[pb.PreviewResponse]:
        """Newest camera frames while the face screen is shown."""
        async for frame in self._panel.frames():
            yield frame

    async def GetImage(
        self, request: pb.GetImageRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetImageResponse:
        """A page of the running session."""
        png = self._panel.image(request.image_id)
        if png is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such image in this session")
        return pb.GetImageResponse(png=png)

    async def GetStatus(
        self, request: pb.GetStatusRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetStatusResponse:
        """How the machine is."""
        return self._machine.status()

    async def Settle(self, request: pb.SettleRequest, context: grpc.aio.ServicerContext[Any, Any]) -> pb.SettleResponse:
        """A technician's finding."""
        try:
            await self._machine.settle(request.idempotency_key, request.finding == tech.FINDING_TAKEN)
        except InSession:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "somebody is being served: try again later")
        except KeyError:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no issuance of unknown outcome has this key")
        except SettleRefused as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        return pb.SettleResponse()

    async def AskSelfTest(
        self, request: pb.AskSelfTestRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.AskSelfTestResponse:
        """As the timer of every night."""
        self._machine.ask_self_test()
        return pb.AskSelfTestResponse()

    async def Maintain(
        self, request: pb.MaintainRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[pb.MaintainResponse]:
        """The devices, for as long as the technician's command keeps the stream."""
        if protovalidate.collect_violations(request):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "purpose is not a command's name")
        try:
            async with self._machine.maintained(request.purpose):
                yield pb.MaintainResponse()
                await asyncio.Event().wait()  # until the technician's command ends the stream
        except InSession:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the machine is in use: try again later")

    async def GetStock(
        self, request: pb.GetStockRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetStockResponse:
        """The books."""
        try:
            books = await self._machine.stock()
        except JournalError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        return pb.GetStockResponse(books=map(as_message, books))

    async def RecordStock(
        self, request: pb.RecordStockRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.RecordStockResponse:
        """What two people did with blanks or supplies."""
        try:
            books = await self._machine.record_stock(request)
        except InSession:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "somebody is being served: try again later")
        except JournalError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        return pb.RecordStockResponse(books=map(as_message, books))

    async def RecordUse(
        self, request: pb.RecordUseRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.RecordUseResponse:
        """What a self-test at the command line is about to use up."""
        try:
            await self._machine.record_use(request)
        except JournalError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        return pb.RecordUseResponse()


class Validation(grpc.aio.ServerInterceptor):
    """Refuses a request that breaks a rule of its contract, before anything sees it."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Wrap unary handlers; streams of this service take requests without rules but one."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        inner = handler.unary_unary

        async def checked(request: Any, context: Any) -> Any:
            violations = protovalidate.collect_violations(request)
            if violations:
                lines = "; ".join(violation.proto.message for violation in violations)
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, lines)
            return await inner(request, context)

        return grpc.unary_unary_rpc_method_handler(checked, handler.request_deserializer, handler.response_serializer)
