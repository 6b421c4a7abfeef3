"""Without the extra `papers` files are kept all the same, and what cannot be done says what is absent."""

import pytest

from yong.kernel.base.city import City
from yong.kernel.base.errors import Unavailable
from yong.kernel.documents import extra
from yong.kernel.documents.rendering import fonts
from yong.kernel.documents.signing import signing, verifying


@pytest.fixture(autouse=True)
def _absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda _: None)


async def test_what_is_absent_is_named_with_its_remedy(city: City) -> None:
    with pytest.raises(Unavailable, match=r"typst is absent.*papers\.lock"):
        fonts.found()
    with pytest.raises(Unavailable, match="pyhanko is absent"):
        await signing.sign(city.settings, b"%PDF-", reason="test", location=None)
    with pytest.raises(Unavailable, match="pyhanko is absent"):
        await verifying.verify(city, b"%PDF-")
