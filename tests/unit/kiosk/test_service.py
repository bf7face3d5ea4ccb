"""The panel as the screens meet it: real gRPC over a real unix socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub, add_PanelServiceServicer_to_server

from kiosk.issuance.errors import JournalError, StockError
from kiosk.issuance.stock import Book, Figure, Item
from kiosk.session.panel import Panel
from kiosk.session.panel_service import InSession, PanelService, Validation

if TYPE_CHECKING:
    from adm.panel.v1.panel_pb2_grpc import PanelServiceAsyncStub

KEY = "7b0c6a52-7c5e-4d4a-9d55-0c8f2f9f0b11"


class Machine:
    """Answers as the daemon would."""

    def __init__(self) -> None:
        self.refuse: Exception | None = None
        self.settled: list[tuple[str, bool]] = []
        self.maintained_for: list[str] = []
        self.recorded: list[pb.RecordStockRequest] = []
        self.used: list[pb.RecordUseRequest] = []
        figures = dict.fromkeys(Figure, 0) | {Figure.LOADED: 5, Figure.REMAINING: 4, Figure.SPOILED: 1}
        self.books = [Book(Item.CARD_KTP_EL, "B-1", figures, -1, "2026-11-23T20:00:00.000+00:00")]
        self.given_back = asyncio.Event()
        self.tests_asked = 0

    def status(self) -> pb.GetStatusResponse:
        return pb.GetStatusResponse(machine_id="kiosk/3520/mpp-01", screen="attract")

    def ask_self_test(self) -> None:
        self.tests_asked += 1

    async def settle(self, key: str, taken: bool) -> None:
        if self.refuse:
            raise self.refuse
        self.settled.append((key, taken))

    async def stock(self) -> list[Book]:
        return self.books

    async def record_stock(self, request: pb.RecordStockRequest) -> list[Book]:
        if self.refuse:
            raise self.refuse
        self.recorded.append(request)
        return self.books

    async def record_use(self, request: pb.RecordUseRequest) -> None:
        if self.refuse:
            raise self.refuse
        self.used.append(request)

    @asynccontextmanager
    async def maintained(self, purpose: str) -> AsyncIterator[None]:
        if self.refuse:
            raise self.refuse
        self.maintained_for.append(purpose)
        try:
            yield
        finally:
            self.given_back.set()


@pytest.fixture
def panel() -> Panel:
    return Panel(pb.LANGUAGE_ID)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
async def stub(panel: Panel, machine: Machine, tmp_path: Path) -> AsyncIterator["PanelServiceAsyncStub"]:
    server = grpc.aio.server(interceptors=(Validation(),))
    add_PanelServiceServicer_to_server(PanelService(panel, machine), server)
    server.add_insecure_port(f"unix:{tmp_path}/panel.sock")
    await server.start()
    async with grpc.aio.insecure_channel(f"unix:{tmp_path}/panel.sock") as link:
        yield PanelServiceStub(link)
    await server.stop(None)


async def test_watch_shows_the_view_at_once_and_each_change(stub: "PanelServiceAsyncStub", panel: Panel) -> None:
    stream = stub.Watch(pb.WatchRequest())
    views = aiter(stream)
    assert (await anext(views)).view.WhichOneof("screen") == "out_of_service"
    await panel.show(pb.AttractScreen(site_name="Magetan"))
    assert (await anext(views)).view.attract.site_name == "Magetan"
    stream.cancel()


async def test_a_request_that_breaks_the_contract_is_refused_in_full(
    stub: "PanelServiceAsyncStub",
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Settle(pb.SettleRequest(idempotency_key="x"))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (caught.value.details() or "").count(";") == 1


async def test_a_page_of_no_session_is_not_found(stub: "PanelServiceAsyncStub", panel: Panel) -> None:
    panel.add_image("page-1", b"PNG")
    assert (await stub.GetImage(pb.GetImageRequest(image_id="page-1"))).png == b"PNG"
    await panel.forget()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetImage(pb.GetImageRequest(image_id="page-1"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("refuse", "code"),
    [(InSession(), grpc.StatusCode.FAILED_PRECONDITION), (KeyError(KEY), grpc.StatusCode.NOT_FOUND)],
)
async def test_settling_is_refused_in_words(
    stub: "PanelServiceAsyncStub", machine: Machine, refuse: Exception, code: grpc.StatusCode
) -> None:
    machine.refuse = refuse
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Settle(pb.SettleRequest(idempotency_key=KEY, finding=tech.FINDING_TAKEN))
    assert caught.value.code() is code
    assert machine.settled == []


async def test_a_finding_reaches_the_machine(stub: "PanelServiceAsyncStub", machine: Machine) -> None:
    await stub.Settle(pb.SettleRequest(idempotency_key=KEY, finding=tech.FINDING_DESTROYED))
    assert machine.settled == [(KEY, False)]


async def test_a_stale_touch_is_no_error_and_does_not_count(stub: "PanelServiceAsyncStub") -> None:
    answer = await stub.Act(pb.ActRequest(revision=99, start=pb.StartAct()))
    assert not answer.accepted


async def test_a_technician_has_the_devices_for_as_long_as_the_stream_stays_open(
    stub: "PanelServiceAsyncStub", machine: Machine
) -> None:
    stream = stub.Maintain(pb.MaintainRequest(purpose="card"))
    assert isinstance(await stream.read(), pb.MaintainResponse)
    assert machine.maintained_for == ["card"]
    assert not machine.given_back.is_set()
    stream.cancel()
    await asyncio.wait_for(machine.given_back.wait(), 10)


async def test_a_technician_waits_while_somebody_is_served(stub: "PanelServiceAsyncStub", machine: Machine) -> None:
    machine.refuse = InSession()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Maintain(pb.MaintainRequest(purpose="card")).read()
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION


LOADING = pb.RecordStockRequest(
    act=pb.STOCK_ACT_LOAD, item=pb.STOCK_ITEM_CARD_KTP_EL, batch="B-1", count=5, staff=["1", "2"]
)


async def test_books_are_told_figure_by_figure(stub: "PanelServiceAsyncStub", machine: Machine) -> None:
    (told,) = (await stub.GetStock(pb.GetStockRequest())).books
    assert (told.item, told.batch, told.loaded, told.remaining, told.spoiled) == (2, "B-1", 5, 4, 1)
    assert (told.difference, told.counted_at.ToJsonString()) == (-1, "2026-11-23T20:00:00Z")
    await stub.RecordStock(LOADING)
    assert machine.recorded == [LOADING]


@pytest.mark.parametrize(
    ("refusal", "words"), [(InSession(), "being served"), (StockError("more destroyed"), "more destroyed")]
)
async def test_books_are_not_changed_in_a_session_nor_against_themselves(
    stub: "PanelServiceAsyncStub", machine: Machine, refusal: Exception, words: str
) -> None:
    machine.refuse = refusal
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.RecordStock(LOADING)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert words in (refused.value.details() or "")


async def test_nobody_changes_no_books(stub: "PanelServiceAsyncStub", machine: Machine) -> None:
    nobody = pb.RecordStockRequest()
    nobody.CopyFrom(LOADING)
    del nobody.staff[:]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.RecordStock(nobody)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert machine.recorded == []


async def test_a_self_test_is_asked_for(stub: "PanelServiceAsyncStub", machine: Machine) -> None:
    await stub.AskSelfTest(pb.AskSelfTestRequest())
    assert machine.tests_asked == 1


async def test_what_a_self_test_uses_up_is_written_down_or_refused(
    stub: "PanelServiceAsyncStub", machine: Machine
) -> None:
    await stub.RecordUse(pb.RecordUseRequest(staff="T-0017", what="test_blank", count=1))
    assert [(one.staff, one.what, one.count) for one in machine.used] == [("T-0017", "test_blank", 1)]
    for wrong in (("", "paper", 1), ("T-0017", "blank", 1), ("T-0017", "paper", 0)):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.RecordUse(pb.RecordUseRequest(staff=wrong[0], what=wrong[1], count=wrong[2]))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    machine.refuse = JournalError("full")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.RecordUse(pb.RecordUseRequest(staff="T-0017", what="paper", count=1))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
