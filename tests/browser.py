"""The browser that tests drive (Debian's Chromium by Playwright), and what axe says of a page."""

from pathlib import Path

import pytest

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
