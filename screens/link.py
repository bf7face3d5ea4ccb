"""The line to the daemon: gRPC over a unix socket, in worker threads, so that Kivy's loop never waits.

Callbacks are called in worker threads; whoever gives them crosses over to Kivy's thread.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import grpc
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import panel_pb2_grpc as rpc

log = logging.getLogger(__name__)

#: Seconds between tries to reach a daemon that is away: first, and at most.
BACKOFF_S = (0.1, 2.0)
#: Deadline of an act, seconds: a touch that waits longer is better made again.
ACT_S = 3.0
#: Deadline of a page's picture, seconds.
IMAGE_S = 10.0
PREVIEW_FPS = 15
_OPTIONS = [
    # A 1920 x 1080 RGB frame takes 6 MB, gRPC's own limit is 4 MiB.
    ("grpc.max_receive_message_length", 32 << 20),
    ("grpc.enable_http_proxy", 0),
]


class Stoppable(Protocol):
    """Something under way that can be ended."""

    def stop(self) -> None:
        """Ends it."""


class PanelLink(Protocol):
    """What the application asks of its line to the daemon."""

    def start(self, on_view: Callable[[pb.View], None], on_away: Callable[[], None]) -> None:
        """Begins to bring Views."""

    def stop(self) -> None:
        """Ends everything."""

    def act(self, request: pb.ActRequest, on_answer: Callable[[bool], None]) -> None:
        """Sends a touch."""

    def image(self, image_id: str, on_image: Callable[[bytes], None]) -> None:
        """Fetches a page."""

    def preview(self, on_frame: Callable[[pb.PreviewResponse], None]) -> Stoppable | None:
        """Opens the preview."""


class Preview:
    """The camera's frames, newest first, until stopped or ended by the daemon."""

    def __init__(self, stub: rpc.PanelServiceStub, on_frame: Callable[[pb.PreviewResponse], None]) -> None:
        self._call = stub.Preview(pb.PreviewRequest(max_fps=PREVIEW_FPS))
        self._on_frame = on_frame
        threading.Thread(target=self._run, name="preview", daemon=True).start()

    def _run(self) -> None:
        try:
            for frame in self._call:
                self._on_frame(frame)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.CANCELLED:
                log.warning("preview ended: %s", error.code().name)

    def stop(self) -> None:
        """Ends the stream; no frame comes after the one under way."""
        self._call.cancel()


class Link:
    """Watches the daemon for as long as the screens run.

    Args:
        target: gRPC target, as ``unix:/run/adm/panel.sock``.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._on_view: Callable[[pb.View], None]
        self._on_away: Callable[[], None]
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._stub: rpc.PanelServiceStub | None = None
        self._watch: grpc.Call | None = None
        self._acts = ThreadPoolExecutor(1, thread_name_prefix="act")
        self._images = ThreadPoolExecutor(1, thread_name_prefix="image")
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self, on_view: Callable[[pb.View], None], on_away: Callable[[], None]) -> None:
        """Begins to watch: ``on_view`` gets each new View, ``on_away`` is called each time the daemon goes away."""
        self._on_view, self._on_away = on_view, on_away
        self._thread.start()

    def stop(self) -> None:
        """Ends everything that is under way."""
        self._stopping.set()
        with self._lock:
            if self._watch is not None:
                self._watch.cancel()
        self._thread.join(timeout=2)
        self._acts.shutdown(wait=False, cancel_futures=True)
        self._images.shutdown(wait=False, cancel_futures=True)

    def act(self, request: pb.ActRequest, on_answer: Callable[[bool], None]) -> None:
        """Sends a touch once; answers whether it counted. An act that fails is never sent again by itself."""
        self._acts.submit(self._act, self._stub, request, on_answer)

    def image(self, image_id: str, on_image: Callable[[bytes], None]) -> None:
        """Fetches a page; answers nothing when it is gone."""
        self._images.submit(self._image, self._stub, image_id, on_image)

    def preview(self, on_frame: Callable[[pb.PreviewResponse], None]) -> Preview | None:
        """Opens the camera's preview; None while the daemon is away."""
        stub = self._stub
        return Preview(stub, on_frame) if stub is not None else None

    def _act(
        self, stub: rpc.PanelServiceStub | None, request: pb.ActRequest, on_answer: Callable[[bool], None]
    ) -> None:
        accepted = False
        try:
            if stub is not None:
                accepted = stub.Act(request, timeout=ACT_S).accepted
        except grpc.RpcError as error:
            log.warning("act failed: %s", error.code().name)
        except ValueError:
            log.warning("act failed: the daemon went away")
        on_answer(accepted)

    def _image(self, stub: rpc.PanelServiceStub | None, image_id: str, on_image: Callable[[bytes], None]) -> None:
        if stub is None:
            return
        try:
            png = stub.GetImage(pb.GetImageRequest(image_id=image_id), timeout=IMAGE_S).png
        except grpc.RpcError as error:
            log.warning("page not shown: %s", error.code().name)
        except ValueError:
            log.warning("page not shown: the daemon went away")
        else:
            on_image(png)

    def _run(self) -> None:
        wait_s = BACKOFF_S[0]
        away = False
        while not self._stopping.is_set():
            with grpc.insecure_channel(self._target, options=_OPTIONS) as channel:
                stub = rpc.PanelServiceStub(channel)
                with self._lock:
                    self._watch = stub.Watch(pb.WatchRequest())
                    self._stub = stub
                try:
                    for response in self._watch:
                        if away:
                            log.warning("daemon is back")
                        wait_s, away = BACKOFF_S[0], False
                        self._on_view(response.view)
                except grpc.RpcError as error:
                    if not away and not self._stopping.is_set():
                        log.warning("daemon is away: %s", error.code().name)
                with self._lock:
                    self._stub = None
            if not away and not self._stopping.is_set():
                self._on_away()
            away = True
            self._stopping.wait(wait_s)
            wait_s = min(wait_s * 2, BACKOFF_S[1])
