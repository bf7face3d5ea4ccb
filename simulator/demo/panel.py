"""The daemon's panel, as the demo asks it: how is the machine, which screen does it show."""

import asyncio
from pathlib import Path

import grpc
import grpc.aio
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub

from simulator.demo.waiting import NotInTime

CALL_S = 5.0


class PanelClient:
    """A client of one daemon.

    Args:
        socket: The daemon's panel socket; the daemon may still be starting.
    """

    def __init__(self, socket: Path) -> None:
        self._channel = grpc.aio.insecure_channel(f"unix:{socket}", options=[("grpc.enable_http_proxy", 0)])
        self.stub = PanelServiceStub(self._channel)

    async def stop(self) -> None:
        """Let go of the daemon. May be called twice."""
        await self._channel.close()

    async def status(self, within_s: float = CALL_S) -> pb.GetStatusResponse:
        """How the machine is; waits for a daemon that is starting.

        Raises:
            NotInTime: No answer within `within_s`.
        """
        try:
            answer = await self.stub.GetStatus(pb.GetStatusRequest(), timeout=within_s, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            raise NotInTime(f"the kiosk does not answer ({error.code().name})") from error
        assert isinstance(answer, pb.GetStatusResponse)
        return answer

    async def view(self, *screens: str, within_s: float) -> pb.View:
        """The first View that is one of these screens, the current one included.

        Args:
            screens: Names as in the contract: "attract", "place_card".
            within_s: Seconds to wait.

        Raises:
            NotInTime: None of them was shown in time; the message says which was.
        """
        shown = "nothing"
        try:
            async with asyncio.timeout(within_s):
                async for answer in self.stub.Watch(pb.WatchRequest(), wait_for_ready=True):
                    shown = str(answer.view.WhichOneof("screen"))
                    if shown in screens:
                        return pb.View.FromString(answer.view.SerializeToString())
        except TimeoutError:
            raise NotInTime(f"screen {' or '.join(screens)}: not within {within_s:.0f} s; it shows {shown}") from None
        except grpc.aio.AioRpcError as error:
            raise NotInTime(f"the kiosk went away ({error.code().name})") from error
        raise NotInTime(f"the kiosk closed the panel while it showed {shown}")
