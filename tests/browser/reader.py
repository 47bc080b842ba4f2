"""Somebody in front of the page: what they click, type and read."""

from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from tests.haste import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

LAPTOP = (1280, 800)
PHONE = (390, 844)


class Reader:
    def __init__(self, page: Page, *, pictures: Path, is_phone: bool) -> None:
        self.page = page
        self.is_phone = is_phone
        self._pictures = pictures
        self._taken = 0
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    @classmethod
    async def opens(cls, browser: Browser, url: str, size: tuple[int, int], into: Path) -> "Reader":
        page = await browser.new_page(
            viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
        )
        page.set_default_timeout(PATIENCE * 1000)
        reader = cls(page, pictures=into, is_phone=size == PHONE)
        await page.goto(url)
        return reader

    async def picture(self, name: str) -> Path:
        path = self.path_of(name)
        await self.page.screenshot(path=path)
        return path

    def path_of(self, name: str) -> Path:
        """Where the next picture belongs."""
        self._taken += 1
        kind = "phone" if self.is_phone else "laptop"
        return self._pictures / f"{kind}-{self._taken:02}-{name}.png"

    async def whole_channel(self, name: str) -> None:
        """A picture with room for a card and what became of it; the README shows this one."""
        size = self.page.viewport_size
        if self.is_phone or size is None:
            return
        await self.page.set_viewport_size({"width": LAPTOP[0], "height": 1150})
        await self.page.mouse.move(0, 0)
        await self.picture(name)
        await self.page.set_viewport_size(size)

    async def types(self, text: str) -> None:
        box = self.page.locator("textarea.composer-input").first
        await box.fill(text)
        await self.page.get_by_test_id("send").first.click()

    async def acts_as(self, user: str) -> None:
        await self._open_sidebar()
        await self.page.get_by_test_id("act-as").select_option(user)

    async def chooses_workspace(self, label: str) -> None:
        await self._open_sidebar()
        await self.page.get_by_test_id("workspace").select_option(label=label)

    async def goes_to(self, testid: str) -> None:
        await self._open_sidebar()
        await self.page.get_by_test_id(testid).click()

    async def _open_sidebar(self) -> None:
        """On a phone the sidebar is behind a button."""
        if not self.is_phone:
            return
        opener = self.page.get_by_test_id("open-sidebar")
        if await opener.is_visible() and not await self.page.locator("#sidebar").is_visible():
            await opener.click()

    def modal(self, title: str) -> Locator:
        return self.page.get_by_test_id("modal").filter(
            has=self.page.get_by_role("heading", name=title, exact=True)
        )

    def message(self, *words: str) -> Locator:
        """The newest message that holds each of `words`."""
        found = self.page.get_by_test_id("message")
        for word in words:
            found = found.filter(has_text=word)
        return found.last

    async def reads(self, *words: str) -> Locator:
        message = self.message(*words)
        await expect(message).to_be_visible()
        await message.scroll_into_view_if_needed()
        return message

    async def submits(self) -> None:
        await self.page.get_by_test_id("modal-submit").click()

    async def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wider: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider
