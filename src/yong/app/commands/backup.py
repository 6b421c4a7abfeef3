"""`yong backup`, `yong restore` and `yong upgrade`."""

import os
from pathlib import Path

import click

from yong.app import backup as backups
from yong.app.commands.words import configured, help_, language, say
from yong.kernel.base.text import Text


def _passphrase(fresh: bool) -> str:
    words = backups.passphrase(os.environ)
    if words is None:
        asked: str = click.prompt(
            Text("备份口令（至少 12 个字符）", "Passphrase of the backup (at least 12 characters)").in_(
                language()
            ),
            hide_input=True,
            confirmation_prompt=fresh,
        )
        return asked
    return words


@click.command(
    help=help_(
        "把运行中的系统加密备份到 FOLDER（总线是缓冲，不备份）",
        "Back a running install up to FOLDER, encrypted (the bus is a buffer and is left out)",
    )
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def backup(folder: Path) -> None:
    backups.backup(configured(), folder, _passphrase(fresh=True))
    say(Text("已备份到 {folder}", "Backed up to {folder}"), folder=folder)


@click.command(help=help_("从 FOLDER 的备份恢复", "Restore the backup in FOLDER"))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--force", is_flag=True, help=help_("覆盖已有数据", "Replace the data that is there"))
def restore(folder: Path, force: bool) -> None:
    backups.restore(configured(), folder, _passphrase(fresh=False), force=force)
    say(Text("已从 {folder} 恢复", "Restored from {folder}"), folder=folder)


@click.command(
    help=help_(
        "升级内嵌 PostgreSQL 的大版本", "Move the data to the new major version of the embedded PostgreSQL"
    )
)
@click.option(
    "--from-binaries",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help=help_("旧版本程序的文件夹", "Folder of the old version's programs"),
)
def upgrade(from_binaries: Path) -> None:
    before, after, kept = backups.upgrade(configured(), from_binaries, say)
    say(
        Text("PostgreSQL {a} → {b}；旧数据留在 {kept}", "PostgreSQL {a} → {b}; the old data stays in {kept}"),
        a=before,
        b=after,
        kept=kept,
    )
