"""Where the portal's templates and static files are."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent
STATIC = _HERE / "static"
TEMPLATES = _HERE / "templates"
