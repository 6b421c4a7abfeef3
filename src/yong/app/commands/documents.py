"""`yong documents`."""

import asyncio
from pathlib import Path

import click

from yong.app import papers
from yong.app.commands.inside import in_city
from yong.app.commands.words import help_, language, say
from yong.kernel.base.text import Text

_File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help=help_("文件", "Documents"))
def documents() -> None:
    pass


@documents.command(
    help=help_(
        "核验全部文件内容：缺失或改变的都会列出",
        "Verify the content of all documents: what is missing or changed is listed",
    )
)
def verify() -> None:
    report = asyncio.run(in_city(papers.verify))
    say(
        Text("{n} 个文件，{b} 份内容，{m} MiB", "{n} documents, {b} contents, {m} MiB"),
        n=report.documents,
        b=report.blobs,
        m=report.bytes >> 20,
    )
    for fault in report.faults:
        click.echo(f"✗ {fault.document} {fault.sha256}: {fault.detail.in_(language())}")
    if report.faults:
        raise SystemExit(1)


@documents.command(
    "check-package", help=help_("核验移交包 FILE（BagIt）", "Verify the hand-over package FILE (BagIt)")
)
@click.argument("file", type=_File)
def check_package(file: Path) -> None:
    report = papers.checked(file)
    say(Text("{n} 个文件，{b} 字节", "{n} documents, {b} bytes"), n=report.documents, b=report.bytes)
    for fault in report.faults:
        click.echo(f"✗ {fault.name}: {fault.detail.in_(language())}")
    if report.faults:
        raise SystemExit(1)


@documents.command(
    "check-signature", help=help_("验证 PDF 文件 FILE 的电子签章", "Verify the signatures of the PDF FILE")
)
@click.argument("file", type=_File)
def check_signature(file: Path) -> None:
    found = asyncio.run(in_city(papers.signatures, file))
    for one in found.signatures:
        when = one.timestamped_at or one.claimed_at
        moment = f"{when:%Y-%m-%d %H:%M:%S %Z}" if when else "–"
        click.echo(f"{'✓' if one.good else '✗'} {one.signer} ({one.issuer}) {moment}")
        click.echo(f"  {one.verdict.in_(language())}")
    say(found.verdict)
    if not found.good:
        raise SystemExit(1)
