"""In a real browser: from Enter at the desk to the new screen, and what members' pages load.

A scan is typed as a scanner does; time runs in the page itself, from the Enter key to the moment the answer stands in
large type and is painted. Alternately a member's card (the screen changes to them) and a copy (it is lent).
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.measure import machine, percentile, table
from bench.serving import Stocked, serve, stock

NAME = "browser"
SIZES = {"small": (200, 4), "medium": (20_000, 20), "large": (100_000, 60)}  # titles, scans
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 30_000
_WATCH = """() => {
  const box = () => [...document.querySelectorAll('*')].find(one => one.shadowRoot?.querySelector('.scan'));
  const shadow = box()?.shadowRoot ?? document;
  const main = document.querySelector('[data-testid=stMain]');
  const seen = () => window.tomeLends ? shadow.querySelector('.answer').textContent : main.textContent;
  document.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    const start = performance.now(), before = seen();
    const look = () => {
      const answered = window.tomeLends ? seen() !== before : seen().includes(window.tomeWants);
      if (!answered) return requestAnimationFrame(look);
      requestAnimationFrame(() => window.tomeSeen(performance.now() - start));
    };
    requestAnimationFrame(look);
  }, true);
}"""
MEMBER_PAGES = ("/", "/catalogue?q=a", "/my-library", "/history", "/account")


def run(size: str) -> dict[str, Any]:
    """Milliseconds from Enter to the painted answer; bytes and requests of each page of members, and of plotly."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return _skipped(size, "playwright is not installed (requirements-dev.txt)")
    if chromium is None:
        return _skipped(size, "no Chromium on this machine (apt install chromium, or set CHROMIUM)")
    titles, scans = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        stocked = stock(Path(place), titles)
        with serve(stocked.folder) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            waits = _desk(browser, server.url, stocked, scans)
            pages = _loads(browser, server.url, stocked)
            browser.close()
    desk = {"scans": len(waits), "p50_ms": round(percentile(waits, 0.5)), "p95_ms": round(percentile(waits, 0.95))}
    return {
        "name": NAME, "size": size, "desk": desk, "pages": pages, "machine": machine(),
        "table": table([desk]) + "\n" + table(pages),
    }  # fmt: skip


def _skipped(size: str, why: str) -> dict[str, Any]:
    return {"name": NAME, "size": size, "skipped": why, "table": f"skipped: {why}", "machine": machine()}


def _come_in(browser: Any, url: str, cookie: str) -> Any:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": url}])
    context.set_default_timeout(PATIENCE_MS)
    return context


def _desk(browser: Any, url: str, stocked: Stocked, scans: int) -> list[float]:
    context = _come_in(browser, url, stocked.cookies["librarian"])
    page = context.new_page()
    page.goto(f"{url}/desk")
    page.locator(".scan input").wait_for()
    page.evaluate(_WATCH)
    waits = []
    for number in range(scans + 2):
        turn, lends = divmod(number, 2)
        code = stocked.barcodes[turn] if lends else stocked.cards[turn % len(stocked.cards)]
        page.evaluate(
            "([wants, lends]) => { Object.assign(window, {tomeWants: wants, tomeLends: lends});"
            " window.tomeWait = new Promise(seen => { window.tomeSeen = seen; }); }",
            [code, bool(lends)],
        )
        page.locator(".scan input").focus()
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        wait = page.evaluate("Promise.race([window.tomeWait, new Promise(gone => setTimeout(gone, 30000, null))])")
        if wait is None:
            raise RuntimeError(f"nothing came of the scan of {code}")
        if number > 1:
            waits.append(wait)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    context.close()
    return waits


def _loads(browser: Any, url: str, stocked: Stocked) -> list[dict[str, Any]]:
    """A fresh browser for each page: nothing is cached."""
    found = []
    for path in MEMBER_PAGES:
        context = _come_in(browser, url, stocked.cookies["member"])
        page = context.new_page()
        sizes: dict[str, int] = {}
        page.on("response", lambda answer, sizes=sizes: sizes.__setitem__(
            answer.url, int(answer.headers.get("content-length") or 0)))  # fmt: skip
        page.goto(url + path)
        page.locator("h1").first.wait_for()
        page.wait_for_load_state("networkidle")
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
        found.append({
            "page": path, "requests": len(sizes), "kib": round(sum(sizes.values()) / 1024),
            "plotly": sum("plotly" in one.lower() for one in sizes), "first_paint_ms": round(painted),
        })  # fmt: skip
        context.close()
    return found


if __name__ == "__main__":
    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
