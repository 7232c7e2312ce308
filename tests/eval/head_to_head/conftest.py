"""A page without a script, opened at a width, in the light or in the dark, and a picture of it."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Look = Callable[..., Path]


@pytest.fixture
def look(browser: Any) -> Look:
    """Opens a page with no script allowed to run and writes a picture of its first `height` pixels (0: of all)."""

    def looked(page: Path, picture: Path, width: int = 1280, height: int = 900, dark: bool = False) -> Path:
        browser.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.tell("Emulation.setEmulatedMedia", features=[scheme])
        browser.tell("Page.navigate", url="about:blank")
        browser.tell("Page.navigate", url=page.as_uri())
        browser.until("location.protocol === 'file:' && document.readyState === 'complete'")
        size = {"x": 0, "y": 0, "width": width, "scale": 1}
        size["height"] = height or browser.ask("document.documentElement.scrollHeight")
        taken = browser.tell("Page.captureScreenshot", format="png", clip=size, captureBeyondViewport=True)
        picture.write_bytes(base64.b64decode(taken["data"]))
        return picture

    return looked
