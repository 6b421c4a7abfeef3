"""What the things report: plausible, repeatable, and marked for what it is."""

import math
from pathlib import Path

import pytest

from twin import fleet as fleets
from twin.series import Source, sources

BOUNDS = {
    "pm25": (0, 1000), "pm10": (0, 1000), "so2": (0, 600), "no2": (0, 400), "co": (0, 20), "o3": (0, 600),
    "temperature": (-20, 45), "windSpeed": (0, 40), "precipitation": (0, 300), "waterLevel": (-1, 12),
    "wastewaterFlow": (0, 30), "pH": (6, 9), "cod": (5, 100), "ammoniaNitrogen": (0, 5), "supplyVoltage": (10, 15),
    "speed": (0, 130), "activePower": (-20, 40), "occupiedSpaces": (0, 500), "totalSpaces": (80, 500),
}  # fmt: skip


def check(source: Source) -> None:
    for slot in range(59_000_000, 59_000_000 + 3000, 7):
        for thing in (0, 1, 333):
            values = source.values(slot, thing)
            assert values
            assert values == source.values(slot, thing)
            for name, value in values.items():
                low, high = BOUNDS[name]
                assert math.isfinite(value)
                assert low <= value <= high, (source.origin, name, value)


def test_without_data_everything_is_marked_synthetic(tmp_path: Path) -> None:
    found = sources(tmp_path)
    assert {s.kind for s in found} == set(fleets.COUNTS)
    for source in found:
        assert source.origin.startswith("synthetic:")
        assert "synthetic" in source.note
        assert "合成" in source.note
        check(source)


def test_recorded_series_are_marked_as_replay(yong_data: Path) -> None:
    found = {s.kind: s for s in sources(yong_data)}
    for kind in ("air", "weather", "tide", "road", "feeder"):
        assert found[kind].origin.startswith("replay:")
        check(found[kind])


def test_the_registration_list_names_every_thing_once(tmp_path: Path) -> None:
    fleet = fleets.things(sources(tmp_path), fleets.COUNTS)
    lines = fleets.registration(fleet).splitlines()
    assert len(lines) == 1 + sum(fleets.COUNTS.values()) == 1 + len({t.id for t in fleet})
    assert 2000 <= len(fleet) <= 5000
    assert all(121 < t.place[0] < 122.3 and 29 < t.place[1] < 30.5 for t in fleet)


def test_the_kinds_that_are_many_are_thinned_out_for_a_small_machine() -> None:
    assert fleets.thinned(fleets.COUNTS, "1") == fleets.COUNTS
    fewer = fleets.thinned(fleets.COUNTS, "0.2")
    assert (fewer["road"], fewer["air"], fewer["parking"]) == (124, 40, 100)
    for wrong in ("0", "2", "much", ""):
        with pytest.raises(SystemExit, match="TWIN_SHARE"):
            fleets.thinned(fleets.COUNTS, wrong)


@pytest.mark.parametrize("failures", [0, 1, 5, 50])
def test_back_off_is_bounded_and_jittered(failures: int) -> None:
    waits = {fleets.pause_s(failures) for _ in range(50)}
    assert len(waits) > 10
    assert 0.2 <= min(waits) <= max(waits) <= 60.2
