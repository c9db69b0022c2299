"""A real browser, where there is one: Chromium without a window, driven through its own driver. CI installs both (see .ci/run)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
WIDTH = 1000  # of a notebook's cell on a laptop


class Browser:
    """One window, and what a test asks of it."""

    def __init__(self, driver: Any, folder: Path):
        self.driver, self.folder, self.pages = driver, folder, 0

    def open(self, page: Any, dark: bool = False, scripts: bool = True) -> None:
        """Opens a figure, or a whole page as text."""
        self.pages += 1
        path = self.folder / f"page{self.pages}.html"
        if isinstance(page, str):
            path.write_text(page, encoding="utf-8")
        else:
            page.save(path)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        self.driver.get(path.as_uri())

    def run(self, script: str, *args: Any) -> Any:
        return self.driver.execute_script(script, *args)

    def click(self, css: str, number: int = 0) -> None:
        """A real click, which fails where something else lies over the element."""
        element = self.driver.find_elements("css selector", css)[number]
        self.run("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", element)
        element.click()

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser") if "favicon" not in entry["message"]]


@pytest.fixture(scope="session")
def driver() -> Iterator[Any]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no chromium with chromedriver on this machine: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={WIDTH},900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield found
    found.quit()


@pytest.fixture
def browser(driver: Any, tmp_path: Path) -> Iterator[Browser]:
    """A browser whose console must have stayed silent."""
    found = Browser(driver, tmp_path)
    yield found
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert not found.errors()
