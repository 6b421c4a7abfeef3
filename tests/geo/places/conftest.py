"""A city of a few places with an index over them."""

from collections.abc import AsyncIterator

import pytest

from yong.kernel.base.city import City
from yong.kernel.geo import api as geo
from yong.kernel.records.contracts import Format
from yong.kernel.search.indexing import Keeper

from . import sample


@pytest.fixture
async def places(city: City) -> AsyncIterator[City]:
    await sample.divisions(city, sample.FEW)
    report = await geo.import_places(city, sample.SYSTEM, sample.PLACES.encode(), Format.CSV, "CGCS2000")
    assert report.imported == 7, report.bad
    keeper = Keeper(city)
    await keeper.open()
    keeper.let_go()
    return city
