"""What cases do by themselves."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.cases import api
from yong.kernel.store.jobs import Job


async def tick(city: City) -> None:
    """Every minute: clocks that turn, timers that run out."""
    await api.tick(city, system_caller("cases"))


async def learn(city: City, procedure: str | None = None) -> None:
    """Every night, and when it is ordered: what past cases suggest."""
    await api.learn(city, system_caller("cases"), procedure)


JOBS = (
    Job(
        name="cases.tick",
        title=Text("案件计时", "Clocks and timers of cases"),
        handler=tick,
        schedule="* * * * *",
    ),
    Job(
        name="cases.learn",
        title=Text("从某一流程的往案学习", "Learn from the past cases of a procedure"),
        handler=learn,
        retries=2,
    ),
    Job(
        name="cases.learn_all",
        title=Text("从往案学习", "Learn from past cases"),
        handler=learn,
        schedule="30 19 * * *",  # 03:30 in China
        retries=2,
    ),
)
