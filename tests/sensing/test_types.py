"""What types of things there are: what they report, in words, and what may be said to them."""

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.base.city import City
from yong.kernel.sensing.contracts import Argument, CommandType
from yong.kernel.sensing.tcp.hj212 import declared as hj212
from yong.kernel.sensing.tcp.hj212 import session as hj212_session
from yong.kernel.sensing.tcp.jtt808 import declared as jtt808
from yong.kernel.sensing.tcp.jtt808 import down
from yong.kernel.sensing.tcp.sl651 import declared as sl651
from yong.kernel.sensing.tcp.sl651 import session as sl651_session

NOW = 1_764_129_600_000_000  # 2025-11-26, in UTC microseconds


async def test_whoever_is_signed_in_sees_what_a_station_reports_and_in_which_classes(
    city: City, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/sensing/types")).status_code == 401
    key = await key_of(city, "sensing.engineer")
    answer = await client.get("/sensing/types", headers=key)
    assert answer.status_code == 200, answer.text
    types = {t["name"]: t for t in answer.json()}
    assert list(types) == sorted(types)
    fine = next(a for a in types["environment.air_station"]["attributes"] if a["name"] == "pm25")
    assert fine["meaning"]["en"]
    assert [b["upper"] for b in fine["bands"]] == [35, 60, 115, 150, 250, None]  # as HJ 633 has it since 2026
    sulphur = next(a for a in types["environment.air_station"]["attributes"] if a["name"] == "so2")
    assert [b["upper"] for b in sulphur["bands"]] == [150, 500, 650, None]  # an hour's index ends at 200
    assert [c["name"] for c in types["vehicle"]["commands"]] == ["locate", "text", "parameters", "control"]


@pytest.mark.parametrize(
    ("declared", "understood"),
    [
        (hj212.COMMANDS, set(hj212_session.COMMANDS)),
        (jtt808.COMMANDS, set(down.COMMANDS)),
        (sl651.COMMANDS, set(sl651_session.COMMANDS)),
    ],
    ids=("hj212", "jtt808", "sl651"),
)
def test_what_a_door_understands_is_declared_and_the_other_way_round(
    declared: tuple[CommandType, ...], understood: set[str]
) -> None:
    assert {c.name for c in declared} == understood


@pytest.mark.parametrize("edition", [2013, 2019])
@pytest.mark.parametrize("command", jtt808.COMMANDS, ids=lambda c: c.name)
def test_what_a_form_makes_of_the_declared_arguments_the_terminal_is_told(
    command: CommandType, edition: int
) -> None:
    some = {a.name: _sample(a) for a in command.arguments}
    assert down.command(command.name, some, edition)
    if any(not a.required for a in command.arguments) and any(a.required for a in command.arguments):
        assert down.command(
            command.name, {a.name: some[a.name] for a in command.arguments if a.required}, edition
        )


@pytest.mark.parametrize("command", hj212.COMMANDS, ids=lambda c: c.name)
def test_what_a_form_makes_of_the_declared_arguments_the_monitor_is_told(command: CommandType) -> None:
    area = hj212_session.COMMANDS[command.name].area({a.name: _sample(a) for a in command.arguments}, NOW)
    for argument in command.arguments:
        assert f"={_sample(argument)}" in area


def _sample(argument: Argument) -> object:
    """The largest value that a declared argument allows, as its form would send it."""
    if argument.choices:
        values = [c.value for c in argument.choices]
        return values if argument.several else values[-1]
    match argument.type:
        case "integer":
            return argument.maximum or 1
        case "time":
            return "20261126120000"
        case _:
            return "甬"
