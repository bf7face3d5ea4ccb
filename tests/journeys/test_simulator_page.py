"""The simulator page in a real browser: a person runs the whole machine from it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry
from playwright.async_api import Browser, Page, async_playwright, expect

from simulator.demo.client import SimulatorClient
from simulator.demo.demo import Demo, Options
from simulator.demo.tour.hand import Hand
from simulator.demo.views import Views
from simulator.server.serve import listen

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("simulator_page"),
    pytest.mark.timeout(240),
]

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
SHOWN_MS = 30_000
SCREEN_S = 60.0
expect.set_options(timeout=SHOWN_MS)
DEVICES = (
    "card_reader",
    "camera",
    "document_printer",
    "paper_feeder",
    "receipt_printer",
    "card_printer",
    "kia_printer",
    "cabinet",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[Demo]:
    """A whole machine whose screens are seen in the page."""
    with tempfile.TemporaryDirectory(prefix="adm-page-", ignore_cleanup_errors=True) as directory:
        options = Options(Path(directory) / "run", headless=True, page_port=0, central_port=0, feeder=True)
        async with Demo(options) as demo:
            await demo.panel.view("attract", within_s=SCREEN_S)
            yield demo


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Tab:
    """The page as one person sees it."""

    page: Page
    demo: Demo
    simulator: SimulatorClient
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def touch(self, screen: str, target: str) -> None:
        """Click a button of the kiosk's screen where the page shows it."""
        assert self.demo.display is not None
        hand = Hand(self.demo.display, self.demo.targets)
        await hand.wait(screen, 0, SCREEN_S)
        x, y, width, height = hand.drawn().targets[target]
        box = await self.page.locator("#screen canvas").bounding_box()
        assert box is not None
        scale = box["width"] / self.demo.size.width_px
        await self.page.mouse.click(box["x"] + (x + width / 2) * scale, box["y"] + (y + height / 2) * scale)

    async def press(self, device: str, action: str) -> None:
        """Press one of a device's buttons."""
        await self.page.click(f"#{device} [data-action={action}]")


@pytest_asyncio.fixture(loop_scope="module")
async def tab(demo: Demo, browser: Browser) -> AsyncIterator[Tab]:
    page = await browser.new_page(viewport={"width": 1500, "height": 1000})
    tab = Tab(page, demo, SimulatorClient(demo.page))
    page.on("console", lambda line: tab.complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    page.on("request", lambda request: tab.asked.append(request.url))
    await page.goto(demo.page)
    await page.wait_for_selector("body[data-ready]")
    yield tab
    await page.close()
    for device in DEVICES:
        await tab.simulator.fault(device, None)


async def test_everything_is_there_and_comes_from_this_computer(tab: Tab) -> None:
    await tab.page.wait_for_selector("#screen[data-state=on] canvas", timeout=SHOWN_MS)
    assert await tab.page.locator("article.device").evaluate_all("all => all.map(one => one.id)") == list(DEVICES)
    await expect(tab.page.locator(".notice")).to_contain_text("Nothing here is a real document")
    await expect(tab.page.locator(".guide li")).to_have_count(3)
    await expect(tab.page.locator("#link")).to_have_text("Connected")
    assert await tab.page.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible Next\"')")
    assert {url.partition("//")[2].partition("/")[0] for url in tab.asked} == {demo_host(tab.demo)}
    assert tab.complaints == []


async def test_a_resident_is_served_by_clicks_in_the_page_alone(tab: Tab) -> None:
    page = tab.page
    await page.wait_for_selector("#screen[data-state=on] canvas", timeout=SHOWN_MS)
    async with Views(tab.demo.panel) as views:
        await page.check("#card_reader input[value=nur]", force=True)
        # Whoever puts the card stands there too, unless one chooses otherwise.
        await expect(page.locator("#camera input[name=camera-stand-resident][value=nur]")).to_be_checked()
        await tab.press("camera", "stand")
        await expect(page.locator("#camera .chip")).to_have_text("Nur")
        await tab.touch("attract", "start")
        await views.wait("place_card", within_s=SCREEN_S)
        await tab.press("card_reader", "put")
        await expect(page.locator("#card_reader .ktp")).to_contain_text("Nur Hidayati")

        view = (await views.wait("choose_document", within_s=SCREEN_S)).view
        ready = view.choose_document.documents[0]
        await tab.touch("choose_document", f"choose:{ready.document_id}")
        await tab.touch("proofread", "confirm")
        await views.wait("take_paper", within_s=SCREEN_S)
        sheet = page.locator("#paper_feeder .tray img")
        await expect(sheet).to_have_count(1)
        assert await sheet.evaluate("image => image.decode().then(() => image.naturalHeight)") > 800

        await sheet.click()
        await expect(page.locator("#viewer-image")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#viewer-image")).to_be_hidden()
        await tab.press("paper_feeder", "take")
        await expect(sheet).to_have_count(0)

        receipt = page.locator("#receipt_printer .tray img")
        await expect(receipt).to_have_count(1)
        assert await receipt.evaluate("image => image.decode().then(() => image.naturalHeight)") > 300
        await tab.press("receipt_printer", "take_receipt")
        await expect(receipt).to_have_count(0)
        await tab.touch("receipt", "done")
        await views.wait("choose_document", within_s=SCREEN_S)
        await tab.touch("choose_document", "done")
        await views.wait("goodbye", within_s=SCREEN_S)
        await tab.press("card_reader", "take")
        await expect(page.locator("#card_reader .chip")).to_have_text("no card")
        await views.wait("attract", within_s=SCREEN_S)
    assert tab.complaints == []


async def test_a_card_is_made_in_sight_and_the_old_one_goes_into_its_slot(tab: Tab) -> None:
    page = tab.page
    await page.wait_for_selector("#screen[data-state=on] canvas", timeout=SHOWN_MS)
    async with Views(tab.demo.panel) as views:
        await tab.simulator.act("camera", "stand", resident="karto")
        await tab.touch("attract", "start")
        await views.wait("place_card", within_s=SCREEN_S)
        await tab.simulator.act("card_reader", "put", resident="karto")
        view = (await views.wait("choose_document", within_s=SCREEN_S)).view
        ktp = next(d for d in view.choose_document.documents if d.kind == registry.DOCUMENT_KIND_KTP_EL)
        await tab.touch("choose_document", f"choose:{ktp.document_id}")
        await tab.touch("proofread", "confirm")
        printer = page.locator("#card_printer")
        await expect(printer.locator(".chip")).to_have_text("at work")
        await views.wait("take_card", within_s=2 * SCREEN_S)
        await expect(printer.locator(".chip")).to_have_text("take the card")
        await expect(printer.locator("[data-station=hopper]")).to_contain_text("49 of 50")
        pictures = printer.locator(".tray.plastic img")
        await expect(pictures).to_have_count(2)
        for side in await pictures.all():
            assert await side.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1016
        await tab.press("card_printer", "take_card")
        await views.wait("surrender_card", within_s=SCREEN_S)
        await tab.press("card_printer", "insert_card")
        await expect(printer.locator("[data-station=slot]")).to_contain_text("a card")
        await tab.touch("surrender_card", "confirm")
        await expect(printer.locator("[data-station=reject]")).to_have_text("Reject box1 card")
        await views.wait("receipt", within_s=SCREEN_S, where=lambda view: view.receipt.state == pb.RECEIPT_STATE_READY)
        await tab.press("receipt_printer", "take_receipt")
        await expect(page.locator("#receipt_printer .chip")).to_have_text("ready")
        await tab.touch("receipt", "done")
        await views.wait("choose_document", within_s=SCREEN_S)
        await tab.touch("choose_document", "done")
        await tab.simulator.act("card_reader", "take")
        await tab.simulator.act("camera", "leave")
        await views.wait("attract", within_s=SCREEN_S)
    assert tab.complaints == []


async def test_the_papers_path_is_shown_where_the_sheet_is_and_what_the_sensors_see(tab: Tab) -> None:
    feeder = tab.page.locator("#paper_feeder")
    stops = await feeder.locator(".stop").evaluate_all("all => all.map(one => one.dataset.station)")
    assert stops == ["hopper", "throat", "entry", "printer", "exit", "held", "gate", "bin"]
    lamps = feeder.locator(".lamp")
    assert await lamps.all_text_contents() == [f"S{number}" for number in range(1, 9)]
    await expect(feeder.locator("[data-station=hopper] .lamp.lit")).to_have_count(2)
    await expect(feeder.locator("[data-station=gate] .lamp.lit")).to_have_count(0)

    await feeder.locator(".faults summary").click()
    await feeder.locator("input[value=empty]").check()
    await expect(feeder.locator("[data-station=hopper] .lamp.lit")).to_have_count(0)
    await expect(feeder.locator("[data-station=hopper]")).to_contain_text("0 sheets")
    await tab.press("paper_feeder", "fill")
    await expect(feeder.locator("[data-station=hopper] .lamp.lit")).to_have_count(2)
    await expect(feeder.locator(".chip")).to_have_text("ready")

    await feeder.locator("input[value=bin_full]").check()
    await expect(feeder.locator("[data-station=bin]")).to_contain_text("30 of 30")
    await tab.press("paper_feeder", "empty_bin")
    await expect(feeder.locator("[data-station=bin]")).to_contain_text("0 of 30")
    await tab.press("paper_feeder", "take")
    await expect(tab.page.locator("#toasts p")).to_have_text("No sheet is presented")


async def test_faults_are_shown_and_taken_away(tab: Tab) -> None:
    card = tab.page.locator("#receipt_printer")
    await card.locator(".faults summary").click()
    await card.locator("input[value=cover_open]").check()
    await expect(card.locator(".chip")).to_have_text("cover open")
    await expect(card).to_have_class("device faulty")
    assert (await tab.simulator.state("receipt_printer"))["fault"] == "cover_open"
    await card.locator(".faults input").first.check()
    await expect(card.locator(".chip")).to_have_text("ready")
    assert (await tab.simulator.state("receipt_printer"))["fault"] is None


async def test_what_others_do_is_shown_too(tab: Tab) -> None:
    await tab.simulator.act("camera", "stand", resident="yosef")
    await expect(tab.page.locator("#camera .chip")).to_have_text("Yosef")
    await expect(tab.page.locator("#camera img.mirror")).to_have_attribute("src", "api/residents/yosef/portrait.jpg")
    await tab.simulator.act("camera", "leave")
    await expect(tab.page.locator("#camera .chip")).to_have_text("nobody")


async def test_the_keyboard_is_enough(tab: Tab) -> None:
    page = tab.page
    await page.focus("#camera input[name=camera-stand-resident]:checked")
    await page.keyboard.press("ArrowRight")
    chosen = await page.locator("#camera input[name=camera-stand-resident]:checked").get_attribute("value")
    assert chosen != "hamid"
    for _ in range(6):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.dataset.action") == "stand":
            break
    assert await page.evaluate("document.activeElement.dataset.action") == "stand"
    await page.keyboard.press("Enter")
    await expect(page.locator("#camera img.mirror")).to_have_attribute("src", f"api/residents/{chosen}/portrait.jpg")
    # What is shown changes many times a second; the focus must not be lost by it.
    assert await page.evaluate("document.activeElement.dataset.action") == "stand"
    await tab.press("camera", "leave")


async def test_a_refusal_is_told_in_its_own_words(tab: Tab) -> None:
    await tab.press("receipt_printer", "take_receipt")
    await expect(tab.page.locator("#toasts p")).to_have_text("There is no receipt to take")


async def test_the_page_says_when_the_simulator_is_gone_and_comes_back(browser: Browser) -> None:
    with tempfile.TemporaryDirectory(prefix="adm-page-", ignore_cleanup_errors=True) as directory:
        demo = Demo(Options(Path(directory) / "run", page_port=free_port(), screens=False))
        try:
            demo.make_directories()
            await demo.start_simulator()
            page = await browser.new_page()
            await page.goto(demo.page)
            await expect(page.locator("#link")).to_have_text("Connected")
            await expect(page.locator("#screen-note")).to_have_text("No kiosk is running beside this simulator.")
            await demo.children.end("simulator")
            await expect(page.locator("#link")).to_have_text("The simulator is not running")
            await demo.start_simulator()
            await expect(page.locator("#link")).to_have_text("Connected")
            await page.close()
        finally:
            await demo.stop()


async def test_nothing_is_cut_off_at_any_width(tab: Tab) -> None:
    for width in (360, 800, 1100, 1500, 2200):
        await tab.page.set_viewport_size({"width": width, "height": 900})
        assert await tab.page.evaluate("document.documentElement.scrollWidth") <= width
        heights = await tab.page.locator(".actions .button").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert min(heights) >= 44


def free_port() -> int:
    with listen(0) as server:
        port: int = server.getsockname()[1]
        return port


def demo_host(demo: Demo) -> str:
    return demo.page.removeprefix("http://").rstrip("/")
