"""A backup is whole, sealed and restorable; a damaged one changes nothing; data moves across majors."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.history import past

from yong.app import backup, bootstrap
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import Caller, Mandate
from yong.kernel.access.identity import factors
from yong.kernel.base.errors import Conflict, Invalid, Refused
from yong.kernel.base.relation import Personal
from yong.kernel.base.settings import Settings, load
from yong.kernel.documents import api as documents
from yong.kernel.documents import blobs
from yong.kernel.documents.contracts import About, BlobReport, Document
from yong.kernel.geo.static import building
from yong.kernel.history import api as history
from yong.kernel.history import sealing
from yong.kernel.history.contracts import Observation, Point
from yong.kernel.store import place
from yong.kernel.store.database import Database
from yong.kernel.store.embedded import Server

WORDS = "correct horse battery"
DEBIAN = Path("/usr/lib/postgresql/15/bin")
SMALL = {"fsync": "off", "shared_buffers": "32MB"}


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = load({"YONG_HOME": str(tmp_path_factory.mktemp("install") / "home")})
    yield settings
    shutil.rmtree(Server(settings.home).settled(), ignore_errors=True)


def _install(settings: Settings, server: Server) -> None:
    server.start()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE yong")
    asyncio.run(bootstrap.prepare(settings, server.url(), place.serve_password(settings)))
    with psycopg.connect(server.url()) as connection:
        connection.execute(
            """INSERT INTO store.outbox (event) SELECT jsonb_build_object('n', n, 'word', repeat('甬', 200))
               FROM generate_series(1, 5000) n"""
        )


async def _enrol(settings: Settings) -> tuple[str, str]:
    """An account with a second factor begun: its id and the secret."""
    async with bootstrap.running(settings, place.serve_url(settings)) as city:
        account, _ = await access.create_account(city, access.system_caller("access"), "somebody")
        uri = await identity.enrol(city, Caller(account=account))
    return account, uri.partition("secret=")[2].partition("&")[0]


async def _unsealed(settings: Settings, account: str) -> str | None:
    async with bootstrap.running(settings, place.serve_url(settings)) as city:
        sealed = await city[Database].fetchval(
            "SELECT totp_sealed FROM access.account WHERE id = $1", account
        )
        return factors.unseal(city, account, sealed)


def _content(url: str) -> tuple[object, ...]:
    """What a restored database must have as it was: rows, migrations, and the serving role's rights."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            """SELECT (SELECT md5(string_agg(id || event::text || made_at, '' ORDER BY id)) FROM store.outbox),
                      (SELECT string_agg(module || name || checksum, '' ORDER BY module, name)
                         FROM store.migration),
                      (SELECT string_agg(table_schema || table_name || privilege_type, ''
                         ORDER BY table_schema, table_name, privilege_type)
                         FROM information_schema.role_table_grants WHERE grantee = 'yong_serve')"""
        ).fetchone()
    assert row is not None
    assert all(row)
    return row


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.relative_to(folder).parts[0] not in ("postgres", "run", "logs", "audit")
    }


def test_restored_is_as_it_was(home: Settings, tmp_path: Path) -> None:
    server = Server(home.home, SMALL)
    _install(home, server)
    (home.home / "yong.toml").write_text("web_workers = 1\n")
    try:
        account, factor = asyncio.run(_enrol(home))
        before, files = _content(server.url()), _tree(home.home)
        backup.backup(home, tmp_path / "b", WORDS)
        (home.home / "secrets" / "totp-key").write_text("bG9zdA==")
        with psycopg.connect(server.url()) as connection:
            connection.execute("DELETE FROM store.outbox WHERE id > 10")
    finally:
        server.stop()
    assert b"yong_serve" not in b"".join(p.read_bytes() for p in (tmp_path / "b").iterdir())

    with pytest.raises(Conflict):
        backup.restore(home, tmp_path / "b", WORDS)
    with pytest.raises(Invalid):
        backup.restore(home, tmp_path / "b", "wrong horse battery", force=True)
    backup.restore(home, tmp_path / "b", WORDS, force=True)

    server = Server(home.home, SMALL)
    server.start()
    try:
        assert _content(server.url()) == before
        asyncio.run(bootstrap.prepare(home, server.url(), place.serve_password(home)))  # as `yong up` does
        assert asyncio.run(_unsealed(home, account)) == factor
    finally:
        server.stop()
    assert _tree(home.home) == files
    assert [p.name for p in home.home.parent.iterdir()] == ["home"]  # nothing half made stays


def test_any_changed_byte_is_found(home: Settings, tmp_path: Path) -> None:
    server = Server(home.home, SMALL)
    _install(home, server)
    try:
        backup.backup(home, tmp_path / "b", WORDS)
    finally:
        server.stop()
    for file in sorted((tmp_path / "b").iterdir()):
        whole = file.read_bytes()
        for at in (0, 6, 7, len(whole) // 2, len(whole) - 2):
            file.write_bytes(whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
            with pytest.raises(Invalid):
                backup.restore(home, tmp_path / "b", WORDS, force=True)
        file.write_bytes(whole[:-20])
        with pytest.raises(Invalid):
            backup.verify(tmp_path / "b", WORDS)
        file.write_bytes(whole)
    backup.verify(tmp_path / "b", WORDS)
    assert (Server(home.home).settled() / "data" / "PG_VERSION").exists()


def test_short_passphrase_and_used_folder(home: Settings, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        backup.backup(home, tmp_path / "b", "short")
    (tmp_path / "other").write_text("here")
    with pytest.raises(Conflict):
        backup.backup(home, tmp_path, WORDS)


def test_a_recovery_key_is_long_and_new() -> None:
    assert backup.recovery_key() != backup.recovery_key()
    assert len(backup.recovery_key().replace("-", "")) == 32


def test_failed_dump_is_no_backup(home: Settings, tmp_path: Path) -> None:
    home.home.mkdir()
    away = msgspec.structs.replace(home, database_url="postgresql://nobody:word@127.0.0.1:9/none")
    with pytest.raises(Refused) as raised:
        backup.backup(away, tmp_path / "b", WORDS)
    assert "word" not in str(raised.value).replace("password", "")
    with pytest.raises(Invalid):
        backup.verify(tmp_path / "b", WORDS)


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs the binaries of PostgreSQL 15 (Debian: postgresql-15)")
def test_data_moves_to_the_new_major(home: Settings) -> None:
    old = Server(home.home, SMALL, bin=DEBIAN)
    _install(home, old)
    before = _content(old.url())
    old.stop()
    with pytest.raises(Refused, match="yong upgrade"):
        Server(home.home).start()
    have, _, kept = backup.upgrade(home, DEBIAN)
    assert have == "15"
    assert (kept / "PG_VERSION").read_text().strip() == "15"
    new = Server(home.home, SMALL)
    new.start()
    try:
        assert _content(new.url()) == before
    finally:
        new.stop()
    with pytest.raises(Conflict):
        backup.upgrade(home, DEBIAN)


async def _past(settings: Settings) -> None:
    """Three sealed days and a late reading of one of them."""
    async with bootstrap.running(settings, place.serve_url(settings)) as city:
        await past.write(city, *past.week())
        await sealing.seal(city, before=past.day_ago(2))
        await past.write(city, Observation("lamp-1", "power", past.start_of(4) + 7, 1.0, "WTT"))


async def _read(settings: Settings) -> list[Point]:
    async with bootstrap.running(settings, place.serve_url(settings)) as city:
        operator = Caller(
            account="t", mandates=(Mandate(id="m", role="access.operator"),), factors=frozenset({"totp"})
        )
        return await history.read(city, operator, "lamp-1", limit=10_000)


def test_sealed_history_comes_back(home: Settings, tmp_path: Path) -> None:
    server = Server(home.home, SMALL)
    _install(home, server)
    try:
        asyncio.run(_past(home))
        before = asyncio.run(_read(home))
        assert len(before) == 3 * 46 + 1
        backup.backup(home, tmp_path / "b", WORDS)
        shutil.rmtree(sealing.folder_of(home))
        with pytest.raises(Refused):
            backup.backup(home, tmp_path / "not whole", WORDS)
    finally:
        server.stop()
    backup.restore(home, tmp_path / "b", WORDS, force=True)
    server.start()
    try:
        asyncio.run(bootstrap.prepare(home, server.url(), place.serve_password(home)))
        assert asyncio.run(_read(home)) == before
    finally:
        server.stop()


def test_archives_of_layers_come_back(home: Settings, tmp_path: Path) -> None:
    server = Server(home.home, SMALL)
    _install(home, server)
    digest = "ab" * 32
    file = building.archive_file(home.home, digest)
    (building.incoming(home.home) / "waits.geojsonl").write_text("not in a backup")
    file.write_bytes(b"tiles")
    try:
        with psycopg.connect(server.url()) as connection:
            connection.execute(
                """INSERT INTO geo.layer_build (id, layer, state, format, datum, bytes, features, unplaced, positions,
                     valid_from, account, roles, archive)
                   VALUES ('b', 'parks', 'done', 'geojson', 'WGS84', 1, 1, 0, 1, '2026-01-01', 'a', '{}', %s)""",
                [digest],
            )
        backup.backup(home, tmp_path / "b", WORDS)
        shutil.rmtree(file.parent)
        with pytest.raises(Refused):
            backup.backup(home, tmp_path / "not whole", WORDS)
    finally:
        server.stop()
    backup.restore(home, tmp_path / "b", WORDS, force=True)
    assert file.read_bytes() == b"tiles"
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert not list(building.incoming(home.home).iterdir())


async def _documents(settings: Settings) -> list[Document]:
    """Two documents of one content, one of another, and content that nobody has."""
    async with bootstrap.running(settings, place.serve_url(settings)) as city:
        caller = access.system_caller("documents")
        about = About(title="a", media_type="text/plain", personal=Personal.NO)
        kept = [await documents.keep(city, caller, text, about) for text in (b"one", b"one", b"two")]
        async with city[Database].pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await documents.keep(city, caller, b"nobody's", about, connection=connection)
            await transaction.rollback()
    return kept


async def _checked(settings: Settings) -> BlobReport:
    async with bootstrap.running(settings, place.serve_url(settings)) as city:
        return await documents.check(city, access.system_caller("documents"))


def test_documents_come_back(home: Settings, tmp_path: Path) -> None:
    server = Server(home.home, SMALL)
    _install(home, server)
    try:
        kept = asyncio.run(_documents(home))
        assert len(list(blobs.every(home.home))) == 3
        with psycopg.connect(server.url()) as connection:  # removed, and its content not swept yet
            connection.execute(
                "UPDATE documents.file SET removed_at = now(), version = 2 WHERE id = %s", [kept[2].id]
            )
        backup.backup(home, tmp_path / "b", WORDS)
        blobs.file_of(home.home, kept[2].sha256).unlink()
        backup.backup(home, tmp_path / "whole without it", WORDS)
        shutil.rmtree(home.home / blobs.FOLDER)
        with pytest.raises(Refused):
            backup.backup(home, tmp_path / "not whole", WORDS)
    finally:
        server.stop()
    backup.restore(home, tmp_path / "b", WORDS, force=True)
    assert {d for d, _ in blobs.every(home.home)} == {d.sha256 for d in kept}
    assert (home.home / blobs.FOLDER).stat().st_mode & 0o777 == 0o700
    server.start()
    try:
        asyncio.run(bootstrap.prepare(home, server.url(), place.serve_password(home)))
        report = asyncio.run(_checked(home))
        assert (report.documents, report.blobs, report.faults) == (2, 1, [])
    finally:
        server.stop()


def test_nothing_is_swept_during_a_backup(home: Settings) -> None:
    server = Server(home.home, SMALL)
    _install(home, server)
    try:
        asyncio.run(_documents(home))
        url = place.owner_url(home)
        with backup._unsealing(url):
            assert asyncio.run(_swept(home)) == 0
        assert asyncio.run(_swept(home)) == 1
    finally:
        server.stop()


async def _swept(settings: Settings) -> int:
    async with bootstrap.running(settings, place.serve_url(settings)) as city:
        return await documents.sweep(city, access.system_caller("documents"), grace_hours=0)
