"""Is a printed document genuine: over gRPC for machines, as a page for anybody; the same answer, and nobody's name."""

import asyncio
import http.client
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from central.config import Config
from central.public.words import PROGRESS, VALIDITY
from central.registry.tracking import Progress
from central.server import Server, StartError
from central.store.engine import Store
from central.store.schema import issuances
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine

GREEN, YELLOW, RED = "VALID", "SUPERSEDED", "NOT_GENUINE"
SIGNER = "Dinas Dukcapil Magetan (SIMULASI)"


def qr_text(central: Bench, claims: pb.GrantClaims) -> str:
    """What stands in the QR code of a grant's document."""
    store = Store(central.directory / "central.sqlite3")
    query = sa.select(issuances.c.verify_token).where(issuances.c.grant_id == claims.grant_id)
    token = store.read_now(lambda c: c.execute(query).scalar_one())
    store.close()
    return f"{Config.load(central.directory / 'central.toml').documents.verify_url}/{token}"


async def colour(machine: Machine, text: str) -> str:
    answer = await machine.verify(text)
    return pb.DocumentValidity.Name(answer.validity).removeprefix("DOCUMENT_VALIDITY_")


async def test_a_document_is_genuine_from_its_grant_on(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    text = qr_text(central, claims)
    for outcome in (None, pb.OUTCOME_UNKNOWN, pb.OUTCOME_TAKEN):
        if outcome is not None:
            await machine.complete(claims, outcome, seq=outcome)
        answer = await machine.verify(text)
        assert (answer.validity, answer.kind) == (pb.DOCUMENT_VALIDITY_VALID, pb.DOCUMENT_KIND_KK)
        assert (answer.issued_at.seconds, answer.signer) == (claims.issued_at.seconds, SIGNER)


async def test_the_signer_is_who_signed_the_page(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    # The certificate stands in the signature, which PDF writes in hexadecimal.
    assert SIGNER.encode().hex().encode() in (await machine.artefact(claims.grant_id)).lower()


async def test_a_void_document_is_superseded_and_the_next_one_genuine(central: Bench, machine: Machine) -> None:
    spoiled = await central.granted(machine)
    await machine.void(spoiled.idempotency_key, spoiled.grant_id)
    printed = await central.granted(machine)
    assert await colour(machine, qr_text(central, spoiled)) == YELLOW
    assert await colour(machine, qr_text(central, printed)) == GREEN


async def test_anything_else_is_not_genuine_and_tells_nothing(central: Bench, machine: Machine) -> None:
    good = qr_text(central, await central.granted(machine))
    token = good.rsplit("/", 1)[1]
    for text in (
        token,
        f"https://evil.example/v/{token}",
        good[:-1],
        good + "x",
        good + "/",
        good + "\n",
        good.upper(),
        good.removesuffix(token),
        "ADM1:" + "A" * 32,
        "\x00\x01; DROP TABLE issuances",
        "Ω" * 2048,
    ):
        answer = await machine.verify(text)
        assert answer == pb.VerifyDocumentResponse(validity=pb.DOCUMENT_VALIDITY_NOT_GENUINE), text


async def test_an_answer_names_nobody(central: Bench, machine: Machine) -> None:
    answer = await machine.verify(qr_text(central, await central.granted(machine)))
    assert {field.name for field in answer.DESCRIPTOR.fields} == {"validity", "kind", "issued_at", "signer"}
    assert b"SUROSO" not in answer.SerializeToString()


async def test_a_machine_that_asks_too_often_is_told_when_to_ask_again(made: Path, tmp_path: Path) -> None:
    directory = bench.copy(made, tmp_path / "central")
    config = directory / "central.toml"
    config.write_text(config.read_text() + "\n[limits]\nverify_per_minute = 2\n")
    async with bench.running(directory) as central, central.machine() as machine:
        for _ in range(2):
            await machine.verify("x")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await machine.verify("x")
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert bench.reason(refused.value) == "TOO_MANY_REQUESTS"
        status = rpc_status.from_call(refused.value)  # type: ignore[arg-type]
        retry = error_details_pb2.RetryInfo()
        assert status is not None
        assert status.details[1].Unpack(retry)
        assert 0 < retry.retry_delay.ToMilliseconds() <= 30_000
        async with central.machine(directory / "other-credentials") as other:
            assert await colour(other, "x") == RED


class Site:
    """The public pages of a running central."""

    def __init__(self, central: Bench, port: int) -> None:
        self.central = central
        self.port = port

    async def get(self, path: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
        return await asyncio.to_thread(self._get, path, method)

    def _get(self, path: str, method: str) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=bench.DEADLINE_S)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()


@asynccontextmanager
async def published(made: Path, to: Path, limits: str = "") -> AsyncIterator[Site]:
    """Central with public pages, where its documents' codes lead."""
    directory, port = bench.copy(made, to), bench.free_port()
    config = directory / "central.toml"
    text = config.read_text().replace("public_port = 0", f"public_port = {port}").replace(":0/", f":{port}/")
    config.write_text(text + limits)
    async with bench.running(directory) as central:
        yield Site(central, port)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "published"


async def test_the_page_behind_a_documents_code_says_what_the_registry_says(made: Path, place: Path) -> None:
    async with published(made, place) as site, site.central.machine() as machine:
        claims = await site.central.granted(machine)
        text = qr_text(site.central, claims)
        assert text.startswith(f"http://127.0.0.1:{site.port}/v/")
        path = text.removeprefix(f"http://127.0.0.1:{site.port}")
        status, page, _ = await site.get(path)
        assert (status, await colour(machine, text)) == (200, GREEN)
        for words in ("Dokumen asli dan berlaku", "Genuine and current", "Kartu Keluarga", "Family card", SIGNER):
            assert words in page
        assert "SUROSO" not in page
        assert claims.document_id not in page
        await machine.void(claims.idempotency_key, claims.grant_id)
        status, page, _ = await site.get(path)
        assert (status, VALIDITY[pb.DOCUMENT_VALIDITY_SUPERSEDED].title.id in page) == (200, True)
        for wrong in (path[:-1], "/v/" + "A" * 22, "/v/" + "A" * 5000, "/v/%00", "/v/<script>", "/v/..%2f..%2fpki"):
            status, page, _ = await site.get(wrong)
            assert status == 404
            assert "<script>" not in page
        assert "Dokumen tidak dikenal" in (await site.get("/v/" + "A" * 22))[1]


async def test_a_receipts_number_tells_the_state_in_words_and_nothing_else(made: Path, place: Path) -> None:
    async with published(made, place) as site, site.central.machine() as machine:
        claims = await site.central.granted(machine)
        path = claims.tracking_url.removeprefix(f"http://127.0.0.1:{site.port}")
        assert path == "/t/ADM-3520-000001"
        seen = [(await site.get(path))[1]]
        await machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=5)
        seen.append((await site.get(path))[1])
        await machine.complete(claims, pb.OUTCOME_TAKEN, seq=6)
        seen.append((await site.get(path))[1])
        for page, progress in zip(seen, (Progress.UNDER_WAY, Progress.LOOKED_INTO, Progress.DONE), strict=True):
            assert f"<h1>{PROGRESS[progress].title.id}</h1>" in page
            assert PROGRESS[progress].title.en in page
            assert "SUROSO" not in page
        other = await site.central.granted(machine, pb.DOCUMENT_KIND_BIODATA)
        await machine.void(other.idempotency_key)
        assert "Tidak jadi dicetak" in (await site.get("/t/ADM-3520-000002"))[1]
        assert (await site.get("/t/ADM-3520-000003"))[0] == 404


async def test_pages_load_nothing_from_elsewhere_and_say_so(made: Path, place: Path) -> None:
    async with published(made, place) as site:
        for path in ("/v/" + "A" * 22, "/t/none", "/", "/style.css"):
            _, page, headers = await site.get(path)
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'self'; ")
            assert "unsafe" not in policy
            assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")
            assert "server" not in headers
            assert all(word not in page for word in ("http:", "https:", "<script", "style=", "onclick"))
        assert (await site.get("/v/" + "A" * 22))[2]["cache-control"] == "no-store"
        assert (await site.get("/v/" + "A" * 22, "POST"))[0] == 404


async def test_who_asks_for_pages_too_often_is_told_to_wait(made: Path, place: Path) -> None:
    async with published(made, place, "\n[limits]\nverify_per_minute = 3\n") as site:
        assert [(await site.get("/t/none"))[0] for _ in range(4)] == [404, 404, 404, 429]


async def test_without_a_port_there_are_no_pages(central: Bench) -> None:
    async with Server(Config.load(central.directory / "central.toml")) as second:
        assert second.public_port == 0


async def test_a_public_port_in_use_is_told(made: Path, place: Path) -> None:
    async with published(made, place):
        with pytest.raises(StartError, match=r"cannot show public pages on 127\.0\.0\.1:"):
            await Server(Config.load(place / "central.toml")).__aenter__()
