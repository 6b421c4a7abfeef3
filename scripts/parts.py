"""What an install brings along, from the lock file and the parts' own metadata: NOTICE and the SBOM.

    notice()   NOTICE: every part with its licence
    sbom()     sbom.json: CycloneDX 1.6 (ECMA-424), the same list for programs

Neither has a date or a number of its own, so the same lock gives the same bytes.
"""

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "core.lock"

# Words of older metadata, as SPDX 3 has them (spdx.org/licenses). What is not here and no SPDX expression
# stays as the part says it, and the test of licences asks for it to be looked at.
SPDX = {
    "lGPLv3": "LGPL-3.0-only",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT": "MIT",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# What the part's own licence files say where its metadata says nothing, or too little.
IN_ITS_FILES = {
    "cedarpy": "Apache-2.0",
    # itself; FFmpeg, dynamically linked; libvpx, libaom and dav1d; OpenSSL
    "opencv-python-headless": "Apache-2.0 AND LGPL-2.1-or-later AND BSD-3-Clause AND BSD-2-Clause AND OpenSSL",
    "rich-click": "MIT",
    "uvloop": "MIT OR Apache-2.0",
}
_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")


class Part(NamedTuple):
    """One distribution: its licence is an SPDX expression where it can be told."""

    name: str
    version: str
    licence: str

    @property
    def purl(self) -> str:
        """Its package URL: the name as the index normalises it (PEP 503)."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def parts(lock: Path = LOCK) -> Iterator[Part]:
    """Every part of a lock file. Raises SystemExit when one is not installed or of another version."""
    for line in lock.read_text("utf-8").splitlines():
        name, _, version = line.partition("==")
        if not version or line.startswith("#"):
            continue
        try:
            about = metadata(name)
        except PackageNotFoundError:
            raise SystemExit(f"{name} {version} is locked and not installed") from None
        if about["Version"] != version:
            raise SystemExit(f"{name} {version} is locked, {about['Version']} is installed")
        classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
        yield Part(
            name,
            version,
            licence(name, about.get("License-Expression"), about.get("License"), classifiers),
        )


def licence(name: str, expression: str | None, words: str | None, classifiers: list[str]) -> str:
    """The licence of a part: its expression, else its short words, else its classifiers, as SPDX."""
    if expression or name in IN_ITS_FILES:
        return expression or IN_ITS_FILES[name]
    short = (words or "").strip()
    if "\n" not in short and (found := SPDX.get(short) or _expression(short)):
        return found
    told = [c.rpartition(" :: ")[2] for c in classifiers if c.count("::") > 1]
    if told:
        return " AND ".join(sorted({SPDX.get(t, t) for t in told}))
    return "unknown"


def _expression(words: str) -> str | None:
    return words if _EXPRESSION.fullmatch(words) and "-" in words else None


def notice() -> str:
    """The parts that an install brings along, with their licences."""
    lines = [
        "Yong 甬",
        "Copyright the Yong authors",
        "",
        "An install brings along these parts, each under its own licence:",
        "",
        *(f"- {p.name} {p.version}: {p.licence}" for p in parts()),
        "",
        "Extras are installed by whoever wants them (requirements/papers.lock, redact.lock, tiles.lock, traces.lock). The wheel of",
        "opencv-python-headless, in the extra redact, holds libraries of others beside its own, which it loads dynamically: FFmpeg",
        "(LGPL-2.1-or-later), libvpx, libaom and dav1d (BSD), OpenSSL; its file LICENSE-3RD-PARTY.txt names them all.",
    ]
    return "\n".join(lines) + "\n"


def sbom() -> str:
    """The same parts as CycloneDX 1.6 in JSON."""
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "yong",
                "name": "yong",
                "description": "Yong 甬: an open city operating system",
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": part.purl,
                "name": part.name,
                "version": part.version,
                "licenses": [_choice(part.licence)],
                "purl": part.purl,
            }
            for part in parts()
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _choice(licence: str) -> dict[str, object]:
    """A licence as CycloneDX has it: an SPDX id, an expression of them, or a name."""
    if " AND " in licence or " OR " in licence or " WITH " in licence:
        return {"expression": licence}
    known = re.fullmatch(r"[A-Za-z0-9.+-]+", licence) and licence != "unknown"
    return {"license": {"id" if known else "name": licence}}
