"""Residents of the demo: at the times of the recording, in Ningbo, marked as what they are."""

from datetime import datetime
from itertools import islice
from pathlib import Path

from twin import residents
from twin.residents import CHINA, PACE, Request


def test_recorded_requests_come_at_their_time_of_the_week(yong_data: Path) -> None:
    weeks = residents.recorded(yong_data)
    assert len(weeks) == residents.WEEKS
    assert sum(map(len, weeks)) > 5000
    for week in weeks:
        assert [r.at_s for r in week] == sorted(r.at_s for r in week)
        for request in week:
            assert "回放" in request.words
            assert abs(request.place[0] - 121.556) <= 0.0301
            assert abs(request.place[1] - 29.87) <= 0.0301
    rush = sum(8 <= r.at_s % 86_400 / 3600 < 18 for week in weeks for r in week)
    assert rush / sum(map(len, weeks)) > 0.6, "by day, as people do"


def test_waits_add_up_over_weeks() -> None:
    weeks = [
        [Request(n * 86_400.0, "020102", "", (0, 0)) for n in range(1, 7)],
        [],
        [Request(5.0, "020104", "", (0, 0))],
    ]
    start = datetime(2026, 11, 23, tzinfo=CHINA)  # a Monday
    number = int(start.timestamp() // (7 * 86_400)) % 3
    asked = list(islice(residents.told(weeks[-number:] + weeks[:-number], start.replace(hour=12)), 8))
    assert [r.at_s for _, r in asked] == [n * 86_400.0 for n in range(1, 7)] + [5.0, 86_400.0]
    assert asked[0][0] * PACE == 43_200
    assert (
        asked[6][0] * PACE == 86_400 + 7 * 86_400 + 5
    )  # the rest of the week, an empty one, and five seconds
    late = list(islice(residents.told([weeks[0]], start.replace(day=25, hour=1)), 2))
    assert [(wait, r.at_s) for wait, r in late] == [(0.0, 2 * 86_400.0), (82_800 / PACE, 3 * 86_400.0)]


def test_without_the_recording_they_are_made_up_and_say_so(tmp_path: Path) -> None:
    assert residents.recorded(tmp_path) == []
    for wait, request in islice(residents.made_up(3), 50):
        assert wait >= 0
        assert "合成" in request.words
