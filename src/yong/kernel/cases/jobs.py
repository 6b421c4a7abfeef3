"""What cases do by themselves."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.cases import api
from yong.kernel.store.jobs import Job


async def tick(city: City) -> None:
    """Every minute: clocks that turn, timers that run out."""
    await api.tick(city, system_caller("cases"))


JOBS = (
    Job(
        name="cases.tick",
        title=Text("案件计时", "Clocks and timers of cases"),
        handler=tick,
        schedule="* * * * *",
    ),
)
