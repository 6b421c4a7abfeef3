"""The command line: one install, from start to account."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from yong import __version__
from yong.app import logs
from yong.kernel.base import settings as base_settings
from yong.kernel.base.errors import YongError
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Language, Text


def language() -> Language:
    """The reader's language: YONG_LANGUAGE, else the locale, else Chinese."""
    chosen = os.environ.get("YONG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "zh"
    return "zh" if chosen.lower().startswith(("zh", "c", "posix")) and not chosen.lower().startswith("en") else "en"


def say(text: Text, **facts: object) -> None:
    click.echo((text.filled(**facts) if facts else text).in_(language()))


def _help(zh: str, en: str) -> str:
    return Text(zh, en).in_(language())


class Bilingual(click.Group):
    """A group whose errors are YongErrors told in the reader's language; exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except YongError as error:
            click.echo(f"{error.title.in_(language())}: {error.detail.in_(language())}", err=True)
            for problem in error.problems:
                click.echo(f"  {problem.pointer}: {problem.detail.in_(language())}", err=True)
            raise SystemExit(1) from None


def _settings() -> Settings:
    settings = base_settings.load()
    logs.configure(settings)
    return settings


@click.group(cls=Bilingual, help=_help("甬：开放的城市操作系统", "Yong: an open city operating system"))
@click.version_option(__version__, prog_name="yong")
def main() -> None:
    pass
