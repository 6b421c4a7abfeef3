"""What all commands share: the reader's language, the settings, and groups that load a command when it is called."""

import importlib
import os
from collections.abc import Mapping
from typing import Any

import click

from yong.app.loading import uncollected
from yong.kernel.base import settings as base_settings
from yong.kernel.base.errors import YongError
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Language, Text


def language() -> Language:
    """The reader's language: YONG_LANGUAGE, else the locale, else Chinese."""
    chosen = os.environ.get("YONG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "zh"
    return (
        "zh"
        if chosen.lower().startswith(("zh", "c", "posix")) and not chosen.lower().startswith("en")
        else "en"
    )


def say(text: Text, **facts: object) -> None:
    click.echo((text.filled(**facts) if facts else text).in_(language()))


def help_(zh: str, en: str) -> str:
    return Text(zh, en).in_(language())


class Bilingual(click.Group):
    """A group whose errors are YongErrors told in the reader's language; exit status 1.

    `modules` names, by command, the module that has it under the command's name: loading all that Yong is takes seconds.
    """

    def __init__(self, *arguments: Any, modules: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.modules = modules or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.modules, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.modules and cmd_name not in self.commands:
            with uncollected():
                module = importlib.import_module(self.modules[cmd_name])
            self.add_command(getattr(module, cmd_name))
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except YongError as error:
            click.echo(f"{error.title.in_(language())}: {error.detail.in_(language())}", err=True)
            for problem in error.problems:
                click.echo(f"  {problem.pointer}: {problem.detail.in_(language())}", err=True)
            raise SystemExit(1) from None


def configured() -> Settings:
    """The settings of the install that is meant; logs go where they say."""
    from yong.app import logs  # loads for a quarter of a second what a start does without

    found = base_settings.load()
    logs.configure(found)
    return found
