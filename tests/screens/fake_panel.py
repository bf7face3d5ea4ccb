"""A PanelService over real gRPC on a unix socket: shows the Views a test gives it and remembers what was touched."""

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import panel_pb2_grpc as rpc


class FakePanel(rpc.PanelServiceServicer):
    """The daemon's side of the panel.

    Args:
        socket: path of the unix socket.
        images: pages by id, PNG.
    """

    def __init__(self, socket: Path, images: dict[str, bytes] | None = None) -> None:
        self.target = f"unix:{socket}"
        self.acts: queue.Queue[pb.ActRequest] = queue.Queue()
        self.images = images or {}
        self.accept = True
        self.frame: pb.PreviewResponse | None = None
        self.previews: queue.Queue[str] = queue.Queue()
        self._changed = threading.Condition()
        self._view: pb.View | None = None
        self._revision = 0
        self._server: grpc.Server | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serves from now on."""
        self._stopped = False
        self._server = grpc.server(ThreadPoolExecutor(8))
        rpc.add_PanelServiceServicer_to_server(self, self._server)
        self._server.add_insecure_port(self.target)
        self._server.start()

    def stop(self) -> None:
        """Ends every stream and the server."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._server is not None:
            self._server.stop(grace=None).wait(5)
            self._server = None

    def show(self, view: pb.View) -> int:
        """Shows a View under a new revision; returns the revision."""
        with self._changed:
            self._revision += 1
            self._view = pb.View()
            self._view.CopyFrom(view)
            self._view.revision = self._revision
            self._changed.notify_all()
            return self._revision

    def Watch(self, request: pb.WatchRequest, context: Any) -> Iterator[pb.WatchResponse]:
        """The current View at once, then each new one."""
        sent = 0
        while context.is_active():
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._revision > sent, timeout=1)  # noqa: B023
                if self._stopped:
                    return
                if self._view is None or self._revision == sent:
                    continue
                view, sent = self._view, self._revision
            yield pb.WatchResponse(view=view)

    def Act(self, request: pb.ActRequest, context: Any) -> pb.ActResponse:
        """Remembers the touch."""
        self.acts.put(request)
        return pb.ActResponse(accepted=self.accept)

    def Preview(self, request: pb.PreviewRequest, context: Any) -> Iterator[pb.PreviewResponse]:
        """The one frame again and again, until the screens hang up."""
        self.previews.put("opened")
        ended = threading.Event()
        context.add_callback(ended.set)
        try:
            while self.frame is not None and not self._stopped:
                yield self.frame
                if ended.wait(1 / request.max_fps):
                    return
        finally:
            self.previews.put("closed")

    def GetImage(self, request: pb.GetImageRequest, context: Any) -> pb.GetImageResponse:
        """A page."""
        if request.image_id not in self.images:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such page")
        return pb.GetImageResponse(png=self.images[request.image_id])

    def GetStatus(self, request: pb.GetStatusRequest, context: Any) -> pb.GetStatusResponse:
        """Not for screens."""
        raise AssertionError("screens ask for no status")

    def Settle(self, request: pb.SettleRequest, context: Any) -> pb.SettleResponse:
        """Not for screens."""
        raise AssertionError("screens settle nothing")

    def Maintain(self, request: pb.MaintainRequest, context: Any) -> Iterator[pb.MaintainResponse]:
        """Not for screens."""
        raise AssertionError("screens borrow no devices")

    def GetStock(self, request: pb.GetStockRequest, context: Any) -> pb.GetStockResponse:
        """Not for screens."""
        raise AssertionError("screens read no books")

    def RecordStock(self, request: pb.RecordStockRequest, context: Any) -> pb.RecordStockResponse:
        """Not for screens."""
        raise AssertionError("screens change no books")

    def RecordUse(self, request: pb.RecordUseRequest, context: Any) -> pb.RecordUseResponse:
        """Not for screens."""
        raise AssertionError("screens change no books")

    def AskSelfTest(self, request: pb.AskSelfTestRequest, context: Any) -> pb.AskSelfTestResponse:
        """Not for screens."""
        raise AssertionError("screens ask for no self-test")
