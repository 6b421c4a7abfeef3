"""The command line: one install, from start to account."""

import click

from yong import __version__
from yong.app.commands.words import Bilingual, help_

_MODULES = {
    name: f"yong.app.commands.{module}"
    for module, names in {
        "up": ("up",),
        "demo": ("demo",),
        "run": ("run", "nursery"),
        "status": ("status",),
        "doctor": ("doctor",),
        "reset": ("reset",),
        "backup": ("backup", "restore", "upgrade"),
        "audit": ("audit",),
        "documents": ("documents",),
        "jobs": ("jobs",),
        "search": ("search",),
        "conform": ("conform",),
        "cityops": ("cityops",),
    }.items()
    for name in names
}


@click.group(
    cls=Bilingual,
    modules=_MODULES,
    help=help_("甬：开放的城市操作系统", "Yong: an open city operating system"),
)
@click.version_option(__version__, prog_name="yong")
def main() -> None:
    pass


if __name__ == "__main__":
    main()
