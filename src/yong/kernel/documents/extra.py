"""What sets, signs and shows papers comes as the extra `papers`: an install does without where nobody needs them."""

from importlib.util import find_spec

from yong.kernel.base.errors import Unavailable
from yong.kernel.base.text import Text

_ABSENT = Text(
    "缺少 {part}：排版、签章和缩略图需要安装 yong[papers]（pip install -r requirements/papers.lock）",
    "{part} is absent: setting and signing papers, and small pictures, need yong[papers] "
    "(pip install -r requirements/papers.lock)",
)


def need(part: str) -> None:
    """Raise Unavailable, which names the remedy, where a part of the extra is not installed."""
    if find_spec(part) is None:
        raise Unavailable(_ABSENT, part=part)
