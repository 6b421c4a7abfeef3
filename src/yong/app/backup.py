"""`yong backup`, `yong restore` and `yong upgrade`: an install as a folder of sealed files, and back.

PostgreSQL holds what must last, so a backup is one snapshot of it (`pg_dump`, while everything runs) and the
small files of the home folder: secrets, `yong.toml`, the anchor of the audit trail. Those are read before the
snapshot, so an anchor is never ahead of the trail. The sealed days of history are copied after it; meanwhile
nothing is sealed, so they are the ones it names. The content of documents is copied after it too; meanwhile none is taken
away. So are the archives of static layers: none is ever changed or removed. The bus is a buffer and is not in a backup.

Files are sealed with AES-256-GCM in chunks (nonce: random prefix, counter, last-chunk mark, so no chunk can
be changed, moved or cut off) under a key that scrypt (RFC 7914) makes from a passphrase. A restore reads and
checks every byte first, builds the new install beside the old one and only then changes places (`switch`).
"""

import fcntl
import hashlib
import hmac
import io
import os
import secrets
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yong.app import switch
from yong.kernel.base import clock
from yong.kernel.base.errors import Conflict, Invalid, Refused
from yong.kernel.base.ids import new_id
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.documents import blobs
from yong.kernel.geo.static import building
from yong.kernel.history import sealing
from yong.kernel.store import embedded, outbox, place
from yong.kernel.store.migrate import SERVING_ROLE

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Tell = Callable[[Text], None]

LAST = "last_backup.json"  # in `run`: when it was made, for `yong status`
_FORMAT = 1
_CHUNK = 1 << 20
_DATABASE, _FILES, _COLD, _LAYERS, _DOCUMENTS = "database", "files", "cold", "layers", "documents"
_STORES = (_COLD, _LAYERS, _DOCUMENTS)  # an older backup may lack some
_LEFT_OUT = (
    sealing.FOLDER,
    building.FOLDER,
    blobs.FOLDER,
    "postgres",
    "bus",
    "search",
    "run",
    "logs",
    switch.FILES,
    switch.MARKER,
)  # in the snapshot, or no facts
T = TypeVar("T")
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 1 << 15, 8, 1  # 32 MiB, some 0.1 s


class Sealed(msgspec.Struct, frozen=True):
    """One file of a backup: bytes and SHA-256 as it lies there."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds; `seal` is the HMAC-SHA256 of everything else under the backup's key."""

    format: int
    made_at: str
    postgres: int  # major version of the server that was dumped
    salt: str
    files: tuple[Sealed, ...]
    seal: str = ""


def recovery_key() -> str:
    """A new passphrase of 160 random bits, to be printed once: groups of letters and digits."""
    import base64

    text = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def passphrase(environment: Mapping[str, str]) -> str | None:
    """YONG_BACKUP_PASSPHRASE, else the first line of the file YONG_BACKUP_PASSPHRASE_FILE names."""
    if given := environment.get("YONG_BACKUP_PASSPHRASE"):
        return given
    if file := environment.get("YONG_BACKUP_PASSPHRASE_FILE"):
        lines = Path(file).read_text("utf-8").splitlines()
        return lines[0] if lines else None
    return None


def backup(settings: Settings, folder: Path, words: str) -> Manifest:
    """Write a backup of a running install into `folder`, which must be empty or absent.

    Raises Conflict when the folder holds something, Invalid when the passphrase is short of 12 characters,
    Refused when the database cannot be dumped. A failed backup leaves no manifest, so it is none.
    """
    if len(words) < 12:
        raise Invalid(
            Text("口令至少 12 个字符", "The passphrase needs at least 12 characters"),
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(Text("{folder} 不是空的", "{folder} is not empty"), folder=folder)
    salt = secrets.token_bytes(16)
    key = _key(words, salt)
    archive = _files(settings.home)
    files = [_seal(key, _FILES, archive, folder)]
    url = place.owner_url(settings)
    with _unsealing(url):
        with _dump(url, _dumper(url)) as stream:
            files.append(_seal(key, _DATABASE, stream, folder))
        with _cold(url, settings) as stream:
            files.append(_seal(key, _COLD, stream, folder))
        with _documents(url, settings) as stream:
            files.append(_seal(key, _DOCUMENTS, stream, folder))
    with _archives(url, settings) as stream:
        files.append(_seal(key, _LAYERS, stream, folder))
    manifest = Manifest(
        format=_FORMAT,
        made_at=clock.now().isoformat(),
        postgres=_server_major(url),
        salt=salt.hex(),
        files=tuple(files),
    )
    manifest = msgspec.structs.replace(manifest, seal=_manifest_seal(key, manifest))
    fresh = folder / "manifest.json.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    fresh.replace(folder / "manifest.json")
    (settings.home / "run").mkdir(exist_ok=True)
    switch.put(settings.home / "run" / LAST, msgspec.json.encode({"made_at": manifest.made_at}))
    return manifest


def verify(folder: Path, words: str) -> Manifest:
    """Read every byte of a backup and check it. Raises Invalid: wrong passphrase, damaged or no backup."""
    manifest, key = _opened(folder, words)
    for file in manifest.files:
        for _ in _unsealed(key, file, folder):
            pass
    return manifest


def restore(settings: Settings, folder: Path, words: str, *, force: bool = False) -> Manifest:
    """Make the install of `settings.home` what it was when `folder` was written.

    Raises Invalid as `verify` does, Conflict when the home holds an install (unless `force`) or it runs,
    Refused when the database cannot be filled. Everything is made ready beside the present install; a marker
    then decides, and from there on a restore that was cut off is finished by the next start.
    """
    manifest = verify(folder, words)
    _, key = _opened(folder, words)
    sealed = {file.name: file for file in manifest.files}
    home = settings.home
    with _stopped(home):
        switch.complete(settings)
        place_ = embedded.Server(home).settled()
        if not force and (place_ / "data").exists():
            raise Conflict(
                Text("{home} 已有数据；确要替换请加 --force", "{home} holds data; --force replaces it"),
                home=home,
            )
        marker = switch.Marker(id=new_id(), made_at=manifest.made_at, external=bool(settings.database_url))
        with _staging(home) as stage:
            files = stage / "files"
            files.mkdir(mode=0o700)
            _unpack(b"".join(_unsealed(key, sealed[_FILES], folder)), files)
            for part in _STORES:
                if part in sealed:
                    _unpack_stream(_unsealed(key, sealed[part], folder), files)
            stream = _unsealed(key, sealed[_DATABASE], folder)
            if settings.database_url:
                _empty(settings.database_url)
                switch.decide(home, files, marker)
                try:
                    _fill(settings.database_url, stream)
                finally:
                    switch.complete(settings)
            else:
                shutil.copytree(files / "secrets", stage / "secrets")
                server = embedded.Server(stage)
                head = _build(server, stream, lambda url: switch.record(url, marker))
                shutil.move(server.data, place_ / switch.DATA)
                switch.decide(home, files, msgspec.structs.replace(marker, head=head))
                switch.complete(settings)
    return manifest


def upgrade(settings: Settings, old_binaries: Path, tell: Tell = lambda line: None) -> tuple[str, str, Path]:
    """Move the embedded data to the major version we bring: (from, to, where the old data is kept).

    `old_binaries` is a folder with the `postgres` that wrote the data. The old data stays beside the new, to
    be deleted by hand. Raises Conflict when the install runs or is up to date, Refused when it cannot.
    """
    home = settings.home
    with _stopped(home):
        switch.complete(settings)
        old = embedded.Server(home, bin=old_binaries)
        version = old.settled() / "data" / "PG_VERSION"
        have, want = (
            version.read_text().strip() if version.exists() else "",
            embedded.major(embedded.binaries()),
        )
        if have in ("", want):
            raise Conflict(Text("没有需要升级的数据", "There is no data to upgrade"))
        with _staging(home) as stage:
            shutil.copytree(home / "secrets", stage / "secrets")
            new = embedded.Server(stage)
            tell(
                Text(
                    f"PostgreSQL {have} → {want}：复制数据…", f"PostgreSQL {have} → {want}: copying the data…"
                )
            )
            old.start()
            try:
                with _dump(old.url(), _dumper(old.url(), old_binaries)) as stream:
                    _build(new, iter(lambda: stream.read(_CHUNK), b""), lambda url: None)
            finally:
                old.stop()
            kept = _swap(new, embedded.Server(home), keep=f"data-{have}")
    assert kept is not None
    return have, want, kept


@contextmanager
def _stopped(home: Path) -> Iterator[None]:
    """Hold the supervisor's lock, so nothing starts meanwhile. Raises Conflict while it runs."""
    (home / "run").mkdir(parents=True, exist_ok=True)
    lock = os.open(home / "run" / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Conflict(
            Text("{home} 的 yong 正在运行，请先停止", "yong is running in {home}; stop it first"), home=home
        ) from None
    finally:
        os.close(lock)


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """A folder beside the home for an install in the making; gone afterwards, with its server's data."""
    stage = Path(tempfile.mkdtemp(prefix=f"{home.name}.making.", dir=home.parent))
    if os.geteuid() == 0:
        stage.chmod(0o711)  # the server's user must reach its folder; the secrets below are 0700
    try:
        yield stage
    finally:
        data = embedded.Server(stage).settled()
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(embedded.socket_folder(stage), ignore_errors=True)
        shutil.rmtree(stage, ignore_errors=True)


def _build(server: embedded.Server, dump: Iterator[bytes], then: Callable[[str], T]) -> T:
    """A new database of its own in `server`, filled from a dump, given to `then` and cleanly stopped."""
    server.start()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE yong")
        _fill(server.url(), dump)
        return then(server.url())
    finally:
        server.stop()


def _swap(made: embedded.Server, target: embedded.Server, keep: str | None = None) -> Path | None:
    """Put the data that was made in the target's place; where the data before is kept, if it is."""
    place_ = target.settled() / "data"
    aside = target.folder / (keep or f"data.old.{secrets.token_hex(4)}")
    if place_.exists():
        place_.rename(aside)
    try:
        shutil.move(made.data, place_)
    except OSError:
        if aside.exists():
            aside.rename(place_)
        raise
    if keep:
        return aside
    shutil.rmtree(aside, ignore_errors=True)
    return None


def _files(home: Path) -> IO[bytes]:
    """The small files of a home as a tar archive."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(home.iterdir()):
            if path.name not in _LEFT_OUT:
                tar.add(path, path.name)
    archive.seek(0)
    return archive


@contextmanager
def _unsealing(url: str) -> Iterator[None]:
    """Hold the locks of the cold folder and of documents: what they have now stays, and no other file counts. Raises Refused."""
    try:
        opened = psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError:
        raise Refused(Text("数据库无法连接", "The database cannot be reached")) from None
    with opened as connection:
        for lock in (sealing.LOCK, blobs.LOCK):
            connection.execute("SELECT pg_advisory_lock(%s)", [lock])
        yield


@contextmanager
def _cold(url: str, settings: Settings) -> Iterator[IO[bytes]]:
    """The sealed days that the database names, and the dictionary beside them, as a tar archive that streams.

    Raises Refused when one is missing: such a backup would not be whole.
    """
    cold = sealing.folder_of(settings)
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute("SELECT file FROM history.sealed_day ORDER BY day")]
    for name in names:
        if not (cold / name).is_file():
            raise Refused(Text("缺少封存文件 {file}", "The sealed file {file} is missing"), file=cold / name)
    if (cold / sealing.SERIES).is_file():
        names.append(sealing.SERIES)
    with _packed([(cold / name, f"{sealing.FOLDER}/{name}") for name in names]) as stream:
        yield stream


@contextmanager
def _archives(url: str, settings: Settings) -> Iterator[IO[bytes]]:
    """The archives of static layers that the database names, as a tar archive that streams. Raises Refused."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT archive FROM geo.layer_build WHERE archive IS NOT NULL ORDER BY archive"
        ).fetchall()
    files = [building.archive_file(settings.home, digest) for (digest,) in rows]
    for file in files:
        if not file.is_file():
            raise Refused(
                Text("缺少图层的瓦片文件 {file}", "The archive {file} of a layer is missing"), file=file
            )
    with _packed([(file, f"{building.FOLDER}/{file.name}") for file in files]) as stream:
        yield stream


@contextmanager
def _documents(url: str, settings: Settings) -> Iterator[IO[bytes]]:
    """The content of documents, as a tar archive that streams. Raises Refused when some is missing.

    What the snapshot names is here, also where a document was removed since. What was removed before may be gone.
    """
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT sha256, bool_or(removed_at IS NULL) FROM documents.file GROUP BY sha256 ORDER BY sha256"
        ).fetchall()
    files = [(blobs.file_of(settings.home, digest), needed) for digest, needed in rows]
    for file, needed in files:
        if needed and not file.is_file():
            raise Refused(
                Text("缺少文件内容 {file}", "The content {file} of a document is missing"), file=file
            )
    present = [(file, file.relative_to(settings.home).as_posix()) for file, _ in files if file.is_file()]
    with _packed(present) as stream:
        yield stream


@contextmanager
def _packed(files: Sequence[tuple[Path, str]]) -> Iterator[IO[bytes]]:
    """Files, each with its name in there, as a tar archive that streams."""
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def pack() -> None:
        try:
            with os.fdopen(writing, "wb") as sink, tarfile.open(fileobj=sink, mode="w|") as tar:
                for file, name in files:
                    tar.add(file, name)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=pack, name="packing")
    thread.start()
    try:
        with os.fdopen(reading, "rb") as source:
            yield source
    finally:
        thread.join()
    if failed:
        raise failed[0]


class _Chunks(io.RawIOBase):
    """Chunks of bytes as a file to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        view = memoryview(buffer)
        n = min(len(view), len(self._rest))
        view[:n] = self._rest[:n]
        self._rest = self._rest[n:]
        return n


def _unpack_stream(chunks: Iterator[bytes], stage: Path) -> None:
    with tarfile.open(fileobj=io.BufferedReader(_Chunks(chunks), _CHUNK), mode="r|") as tar:
        tar.extractall(stage, filter="data")
    for name in (sealing.FOLDER, building.FOLDER, blobs.FOLDER):
        if (stage / name).is_dir():
            (stage / name).chmod(0o700)


def _unpack(archive: bytes, stage: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(stage, filter="data")
    secret_folder = stage / "secrets"
    if secret_folder.is_dir():
        secret_folder.chmod(0o700)


def _dumper(url: str, beside: Path | None = None) -> Path:
    """The `pg_dump` to use: ours, except for a server that marks columns in a way ours does not know.

    PostgreSQL of Debian does since 15.20 (`pg_attver` among the options of a column). Its own pg_dump leaves the mark
    out; with it a dump could not be restored anywhere else. Raises Refused when that pg_dump is not installed.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        version = connection.info.server_version // 10_000
        marked = connection.execute(
            """SELECT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
                   AND array_to_string(a.attoptions, ',') LIKE '%pg_attver=%')"""
        ).fetchone()
    if marked == (False,):
        return embedded.binaries() / "pg_dump"
    for folder in (beside, Path(f"/usr/lib/postgresql/{version}/bin")):
        if folder and (folder / "pg_dump").exists():
            return folder / "pg_dump"
    raise Refused(
        Text(
            "此服务器的数据只能用它自己的 pg_dump 备份，请安装 postgresql-client-{version}",
            "This server's data can be backed up by its own pg_dump only: install postgresql-client-{version}",
        ),
        version=version,
    )


@contextmanager
def _dump(url: str, tool: Path) -> Iterator[IO[bytes]]:
    """The database as `pg_dump` streams it, from one snapshot. Raises Refused when it fails."""
    bare, environment = _credentials(url)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(tool), "--format=custom", f"--dbname={bare}"],
            env=environment, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.stdout.close()
            process.wait()
        if process.returncode != 0:
            raise _failed(said)


def _empty(url: str) -> None:
    """Raises Conflict when a database already holds an install."""
    if switch.filled(url):
        raise Conflict(Text("目标数据库不是空的", "The database to fill is not empty"))


def _fill(url: str, dump: Iterator[bytes]) -> None:
    """Load a dump into an empty database, all of it or nothing. Raises Conflict, Refused."""
    _empty(url)
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [SERVING_ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {SERVING_ROLE}".encode())
    bare, environment = _credentials(url)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(embedded.binaries() / "pg_restore"), "--no-owner", "--single-transaction", "--exit-on-error",
             f"--dbname={bare}"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        assert process.stdin is not None
        try:
            for chunk in dump:
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended first: its words say why
        except BaseException:
            process.kill()  # an unfinished archive must not be taken for a whole one
            process.wait()
            raise
        if process.wait() != 0:
            raise _failed(said)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(outbox.AFTER_RESTORE.encode())


def _failed(said: IO[bytes]) -> Refused:
    said.seek(0)
    return Refused(
        Text("数据库工具失败：{why}", "The database's tool failed: {why}"),
        why=said.read().decode("utf-8", "replace").strip()[-500:],
    )


def _credentials(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its password, which goes by the environment: a command line is public."""
    parts = urlsplit(url)
    user, _, where = parts.netloc.rpartition("@")
    name, _, word = user.partition(":")
    environment = dict(os.environ)
    if word:
        environment["PGPASSWORD"] = unquote(word)
    return urlunsplit(parts._replace(netloc=f"{name}@{where}" if name else where)), environment


def _server_major(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.info.server_version // 10000


def _key(words: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        words.encode(), salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P, dklen=32, maxmem=128 << 20
    )


def _manifest_seal(key: bytes, manifest: Manifest) -> str:
    body = msgspec.json.encode(msgspec.structs.replace(manifest, seal=""))
    return hmac.new(key, b"yong manifest" + body, "sha256").hexdigest()


def _opened(folder: Path, words: str) -> tuple[Manifest, bytes]:
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
        salt = bytes.fromhex(manifest.salt)
    except (OSError, ValueError):
        raise Invalid(
            Text("{folder} 中没有完整的备份", "{folder} holds no whole backup"), folder=folder
        ) from None
    if manifest.format != _FORMAT:
        raise Invalid(Text("不认识备份格式 {n}", "Backup format {n} is unknown here"), n=manifest.format)
    key = _key(words, salt)
    if not hmac.compare_digest(_manifest_seal(key, manifest), manifest.seal):
        raise Invalid(Text("口令错误，或清单已损坏", "The passphrase is wrong, or the manifest is damaged"))
    if not {_DATABASE, _FILES} <= {f.name for f in manifest.files} <= {_DATABASE, _FILES, *_STORES}:
        raise Invalid(Text("{folder} 中没有完整的备份", "{folder} holds no whole backup"), folder=folder)
    return manifest, key


def _seal(key: bytes, name: str, source: IO[bytes], folder: Path) -> Sealed:
    """Write `source` sealed. A file is a 7-byte prefix and its chunks, each with its tag."""
    cipher, prefix, digest, size = AESGCM(key), secrets.token_bytes(7), hashlib.sha256(), 0
    with os.fdopen(
        os.open(folder / f"{name}.sealed", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
    ) as out:

        def put(data: bytes) -> None:
            nonlocal size
            out.write(data)
            digest.update(data)
            size += len(data)

        put(prefix)
        chunk, number = source.read(_CHUNK), 0
        while True:
            following = source.read(_CHUNK)
            put(cipher.encrypt(_nonce(prefix, number, last=not following), chunk, name.encode()))
            if not following:
                break
            chunk, number = following, number + 1
        out.flush()
        os.fsync(out.fileno())
    return Sealed(name, size, digest.hexdigest())


def _unsealed(key: bytes, file: Sealed, folder: Path) -> Iterator[bytes]:
    """The plain chunks, each checked before it is given. Raises Invalid when a byte is wrong or missing."""
    cipher, digest, left = AESGCM(key), hashlib.sha256(), file.size
    try:
        with (folder / f"{file.name}.sealed").open("rb") as source:
            prefix, number = source.read(7), 0
            digest.update(prefix)
            left -= 7
            while left > 0:
                chunk = source.read(min(left, _CHUNK + 16))
                left -= len(chunk)
                digest.update(chunk)
                yield cipher.decrypt(_nonce(prefix, number, last=left == 0), chunk, file.name.encode())
                number += 1
            whole = not source.read(1) and hmac.compare_digest(digest.hexdigest(), file.sha256)
    except (OSError, InvalidTag, ValueError):
        whole = False
    if not whole:
        raise Invalid(Text("备份文件 {name} 已损坏", "The backup's file {name} is damaged"), name=file.name)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes((last,))
