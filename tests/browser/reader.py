"""Somebody who reads the atlas: what they can do and see, in the words of the tests."""

from typing import Any

WAIT_MS = 15_000


class Reader:
    """Somebody who reads the atlas in a browser of their own."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, address: str = "") -> "Reader":
        """Load the page at an address and wait until the map has been drawn."""
        self.page.goto("about:blank")
        self.page.goto(self.url + address)
        return self.wait_until_idle()

    def wait_until_idle(self) -> "Reader":
        """Wait until the map has nothing left to load or draw, twice in a row."""
        for _ in range(2):
            self.page.wait_for_selector("[data-map-state=idle]")
            self.page.wait_for_timeout(60)
        self.page.wait_for_selector("[data-map-state=idle]")
        return self

    def features(self, layer: str) -> list[dict[str, Any]]:
        """Properties of the features that a layer of the map draws now."""
        script = """layer => document.querySelector('[data-map-state]').map
            .queryRenderedFeatures({layers: [layer]}).map(feature => feature.properties)"""
        found: list[dict[str, Any]] = self.page.evaluate(script, layer)
        return found

    def point_on(self, layer: str) -> tuple[float, float]:
        """A point of the window where a layer lies on top."""
        script = """layer => {
            const { map } = document.querySelector('[data-map-state]')
            const canvas = map.getCanvas().getBoundingClientRect()
            for (const step of [16, 4])
                for (let y = 60; y < canvas.height; y += step) for (let x = 8; x < canvas.width; x += step) {
                    const [first] = map.queryRenderedFeatures([x, y]).filter(each => each.source !== 'basemap')
                    const isUncovered = document.elementFromPoint(canvas.left + x, canvas.top + y) === map.getCanvas()
                    if (first?.layer.id === layer && isUncovered) return [canvas.left + x, canvas.top + y]
                }
            return null
        }"""
        x, y = self.page.evaluate(script, layer)
        return x, y

    def click_on(self, layer: str) -> None:
        """Click where a layer lies on top, and wait for the panel."""
        self.page.mouse.click(*self.point_on(layer))
        self.page.wait_for_selector("aside article")
        self.wait_until_idle()

    def panel(self) -> str:
        """The text of the panel, with every fold open, as one line."""
        self.page.evaluate("document.querySelectorAll('aside details').forEach(each => { each.open = true })")
        return " ".join(self.page.inner_text("aside article").replace("\u2060", "").split())

    def camera(self) -> list[float]:
        """Zoom, latitude and longitude of the map."""
        script = """() => {
            const { map } = document.querySelector('[data-map-state]')
            return [map.getZoom(), map.getCenter().lat, map.getCenter().lng]
        }"""
        numbers: list[float] = self.page.evaluate(script)
        return numbers
