"""Settings are checked all at once; modules stand in an order and declare what somebody understands."""

import sys
from pathlib import Path

import msgspec
import pytest

from yong.app import bootstrap
from yong.kernel.base.errors import Refused
from yong.kernel.base.module import Module, Registry
from yong.kernel.base.settings import load
from yong.kernel.base.text import Text


def test_defaults_are_loopback_and_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "yong.toml").write_text("http_port = 8081\nmqtt_port = 18831\n", "utf-8")
    settings = load({"YONG_HOME": str(tmp_path), "YONG_HTTP_PORT": "9090"})
    assert (settings.http_port, settings.mqtt_port) == (9090, 18831)
    assert settings.http_host == settings.mqtt_host == "127.0.0.1"


@pytest.mark.parametrize(
    ("file", "environment", "names"),
    [
        ("http_prot = 1", {}, {"http_prot"}),
        ("http_port = 'x'\nnonsense = 1", {}, {"http_port", "nonsense"}),
        ("", {"YONG_HTTP_PORT": "eighty"}, {"http_port"}),
        ("", {"YONG_DURABILITY": "sometimes"}, {"durability"}),
    ],
)
def test_everything_wrong_is_named_in_both_languages(
    tmp_path: Path, file: str, environment: dict[str, str], names: set[str]
) -> None:
    (tmp_path / "yong.toml").write_text(file, "utf-8")
    with pytest.raises(Refused) as caught:
        load({"YONG_HOME": str(tmp_path)} | environment)
    assert {p.pointer for p in caught.value.problems} >= names
    assert all(p.detail.zh and p.detail.en for p in caught.value.problems)


BOUNDS = (
    ("mqtt_port", 0, 65535),
    ("http_port", 0, 65535),
    ("nats_port", 0, 65535),
    ("web_workers", 1, 256),
    ("token_minutes", 1, 60),
    ("lockout_attempts", 1, 20),
    ("body_limit_kb", 1, 1 << 20),
)


@pytest.mark.parametrize(("name", "low", "high"), BOUNDS)
def test_bounds_are_kept_to_the_last_number(tmp_path: Path, name: str, low: int, high: int) -> None:
    here = {"YONG_HOME": str(tmp_path)}
    for value in (low, high):
        assert getattr(load(here | {f"YONG_{name.upper()}": str(value)}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(Refused) as caught:
            load(here | {f"YONG_{name.upper()}": str(value)})
        assert [p.pointer for p in caught.value.problems] == [name]


def test_an_unreadable_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "yong.toml").write_bytes(b"\xff\xfe=")
    with pytest.raises(Refused):
        load({"YONG_HOME": str(tmp_path)})


def test_no_foreign_listener_without_tls(tmp_path: Path) -> None:
    for name in ("YONG_HTTP_HOST", "YONG_MQTT_HOST"):
        with pytest.raises(Refused):
            load({"YONG_HOME": str(tmp_path), name: "0.0.0.0"})  # noqa: S104  # that is the point


class Kind(msgspec.Struct, frozen=True):
    """A kind of declaration, for these tests."""

    name: str


def module(name: str, **more: object) -> Module:
    return Module(name=name, package=f"x.{name}", title=Text(name, name), **more)  # type: ignore[arg-type]  # as they come


def test_a_module_comes_after_those_it_needs() -> None:
    registry = Registry((module("c", needs=("b",)), module("b", needs=("a",)), module("a")))
    assert [m.name for m in registry.modules] == ["a", "b", "c"]


def test_declarations_reach_who_understands_them() -> None:
    owner, user = module("owner", understands=(Kind,)), module("user", declares=(Kind("k"),))
    assert [(m.name, k.name) for m, k in Registry((owner, user)).of(Kind)] == [("user", "k")]


@pytest.mark.parametrize(
    ("modules", "word"),
    [
        ((module("a", needs=("b",)), module("b", needs=("a",))), "a"),
        ((module("a", needs=("nobody",)),), "nobody"),
        ((module("a"), module("a")), "a"),
        ((module("a", declares=(Kind("k"),)),), "Kind"),
    ],
)
def test_what_does_not_fit_stops_the_start(modules: tuple[Module, ...], word: str) -> None:
    with pytest.raises(Refused) as caught:
        Registry(modules)
    assert word in caught.value.detail.en
    assert word in caught.value.detail.zh


_ELSEWHERE = """
from yong.kernel.base.module import Module, Page
from yong.kernel.base.text import Text

PAGE = Page(name="own", title=Text("页", "Page"), component="Own.vue", needs="records.read", of="access")
MODULE = Module(name="elsewhere", package="elsewhere", title=Text("外", "Elsewhere"), declares=({declares}))
"""


@pytest.mark.parametrize(("declares", "refused"), [("", False), ("PAGE,", True)])
def test_a_domain_from_elsewhere_is_found_and_brings_no_page_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declares: str, refused: bool
) -> None:
    """As an installed package is found: by its entry point."""
    (tmp_path / "elsewhere.py").write_text(_ELSEWHERE.format(declares=declares), "utf-8")
    about = tmp_path / "elsewhere-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1\n", "utf-8")
    (about / "entry_points.txt").write_text("[yong.domains]\nelsewhere = elsewhere:MODULE\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "elsewhere", raising=False)
    if refused:
        with pytest.raises(Refused, match="pages of its own: own"):
            bootstrap.modules("ningbo")
    else:
        assert "elsewhere" in {m.name for m in bootstrap.modules("ningbo")}
