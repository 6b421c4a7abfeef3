"""What nobody needs any more: ended sessions, and uses of API keys counted in periods that are over."""

from datetime import timedelta

from yong.kernel.access.identity.callers import SESSION_HOURS
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.store.database import Database


async def tidy(city: City) -> tuple[int, int]:
    """Drop them; how many sessions and counts went. A clock that differs by a day between machines does no harm."""
    before = clock.now() - timedelta(days=1)
    async with city[Database].transaction() as connection:
        sessions = await connection.execute(
            """DELETE FROM access.session WHERE created_at <= now() - make_interval(hours => $1)
                                             OR seen_at <= now() - make_interval(mins => $2)""",
            SESSION_HOURS,
            city.settings.idle_minutes,
        )
        counts = await connection.execute(
            """DELETE FROM access.api_key_use WHERE left(period, 1) = 'm' AND period < $1
                                                 OR left(period, 1) = 'd' AND period < $2""",
            f"m{before:%Y-%m-%dT%H:%M}",
            f"d{before:%Y-%m-%d}",
        )
    return int(sessions.split()[-1]), int(counts.split()[-1])
