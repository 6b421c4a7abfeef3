"""Where device protocols listen, and the law of doing so in the clear."""

from pathlib import Path

import pytest

from yong.app import supervise
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import load

HOME = {"YONG_HOME": "/nonexistent"}


def wrong(**values: str) -> list[str]:
    try:
        load(HOME | {f"YONG_{name.upper()}": value for name, value in values.items()})
    except Refused as error:
        return [problem.pointer for problem in error.problems]
    return []


def test_ports_by_name() -> None:
    settings = load(HOME | {"YONG_TCP_PORTS": "hj212=7212, sl651 = 0"})
    assert settings.listeners == {"hj212": 7212, "sl651": 0}
    assert load(HOME).listeners == {}


@pytest.mark.parametrize("ports", ["hj212", "hj212=x", "=1", "hj212=1,hj212=2", "hj212=70000", "hj212=-1"])
def test_ports_that_are_none(ports: str) -> None:
    assert wrong(tcp_ports=ports) == ["tcp_ports"]


def test_beyond_this_machine_each_needs_tls_or_a_word_and_the_networks() -> None:
    beyond = {"tcp_host": "10.0.0.1", "tcp_ports": "hj212=7212,sl651=7651"}
    assert wrong(**beyond) == ["tcp_host", "tcp_networks"]
    assert wrong(**beyond, tcp_plain="hj212", tcp_networks="10.0.0.0/8") == ["tcp_host"]
    assert wrong(**beyond, tcp_plain="hj212,sl651", tcp_networks="127.0.0.0/8") == ["tcp_networks"]
    assert wrong(**beyond, tcp_plain="hj212,sl651", tcp_networks="10.0.0.0/8") == []
    assert wrong(tcp_networks="ten") == ["tcp_networks"]
    assert wrong(tcp_host="10.0.0.1") == []  # nothing listens


def test_the_process_runs_only_where_something_listens(tmp_path: Path) -> None:
    home = {"YONG_HOME": str(tmp_path)}
    without = supervise.Supervisor(load(home), lambda _: None)
    assert "listeners" not in without.processes
    listening = supervise.Supervisor(load(home | {"YONG_TCP_PORTS": "hj212=0"}), lambda _: None)
    assert "listeners" in listening.processes
    assert listening.settings.listeners["hj212"] > 0
