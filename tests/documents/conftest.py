"""What tests of papers need of the machine."""

import pytest

from yong.kernel.base.errors import Unavailable
from yong.kernel.documents.rendering import fonts


@pytest.fixture(scope="session")
def chinese() -> fonts.Fonts:
    """A Chinese font; says visibly when there is none."""
    try:
        return fonts.found()
    except Unavailable as error:
        pytest.skip(error.detail.en)
