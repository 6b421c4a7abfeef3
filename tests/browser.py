"""The browser that tests drive (Debian's Chromium by Playwright), what axe says of a page, and codes to sign in with."""

import time
from pathlib import Path

import pytest

from twin.authenticator import STEP_S, code

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
BUILT = ROOT / "src/yong/app/console"
AXE = ROOT / "console/node_modules/axe-core/axe.min.js"  # there wherever the console was built
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip
JUDGE = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
    .then(r => r.violations.map(v => [v.id, v.nodes.slice(0, 4).map(
        n => n.html.slice(0, 160) + ' | ' + n.failureSummary.slice(0, 200))]))"""
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is absent ({CHROMIUM})")
needs_console = pytest.mark.skipif(
    not (BUILT / "index.html").is_file(), reason="the console has not been built (make console)"
)
needs_editor = pytest.mark.skipif(
    not (BUILT / "editor/editor.js").is_file(), reason="the editor of procedures is absent (make editor)"
)

_told: dict[str, int] = {}  # the step of the last code, by seed


def fresh_code(seed: str) -> str:
    """A code that nobody has used yet: each is good once, and one of the next step is taken as well. It may have to wait."""
    step = max(int(time.time() // STEP_S), _told.get(seed, 0) + 1)
    while step > time.time() // STEP_S + 1:
        time.sleep(0.2)
    _told[seed] = step
    return code(seed, step * STEP_S)
