"""Running cases brought to another version of their procedure, with a report of each."""

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, YongError
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import Moved, MovedCase
from yong.kernel.cases.service.acting import Command, change_many
from yong.kernel.cases.service.shelf import Shelved, ready
from yong.kernel.cases.service.work import Work
from yong.kernel.store.database import Connection, Database

MOST = 10_000
_PAGE = 100
_SIDE_BY_SIDE = Text(
    "案件正在几处并行办理，待其汇合后再转",
    "The case is at several places at once; it can move when they have met",
)
_GONE = Text("新版本没有“{element}”这一环节", "The new version has no {element}")


async def move(city: City, caller: Caller, name: str, version: int, *, dry_run: bool) -> Moved:
    """A case moves to the same place of the new version, if it stands at a single one that is there."""
    shelved = await ready(city, name, version)
    rows = await store.running(city[Database], name, version, MOST)
    report: list[MovedCase] = []
    for start in range(0, len(rows), _PAGE):
        page = rows[start : start + _PAGE]
        whys = [_obstacle(shelved, row["marking"]) for row in page]
        if not dry_run:
            going = [n for n, why in enumerate(whys) if why is None]
            done = await change_many(city, [_command(city, caller, page[n]["id"], shelved) for n in going])
            for n, answer in zip(going, done, strict=True):
                if isinstance(answer, YongError):
                    whys[n] = answer.detail
                elif isinstance(answer, BaseException):
                    raise answer
        report += [
            MovedCase(
                id=row["id"], number=row["number"], before=row["version"], moved=why is None,
                why=why.in_(caller.language) if why else None,
            )
            for row, why in zip(page, whys, strict=True)
        ]  # fmt: skip
    return Moved(name=name, version=version, dry_run=dry_run, cases=report)


def _obstacle(shelved: Shelved, marking: str) -> Text | None:
    """Why a case that stands there cannot go on in a version."""
    if "|" in marking:
        return _SIDE_BY_SIDE
    return None if marking in shelved.places else _GONE.filled(element=marking[:100])


def _command(city: City, caller: Caller, case: str, shelved: Shelved) -> Command:
    async def apply(work: Work, connection: Connection) -> None:
        if why := _obstacle(shelved, work.row["marking"]):
            raise Conflict(why)
        before, work.shelved = work.row["version"], shelved
        work.row["version"] = shelved.version
        work.log(caller, "moved", before=before, to=shelved.version)
        await work.jump(city, connection, caller, work.row["marking"])

    return Command(caller=caller, action="cases.move", case=case, apply=apply)
