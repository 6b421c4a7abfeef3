"""The last step of a restore: the new install takes the old one's place, whole, whatever kills it meanwhile.

What was restored lies ready in the home: the database as `data.restored` beside `data`, the small files in
`restored`. The marker `restore.json` decides: without it they are rubbish, with it the install is the restored
one and `complete` finishes what is left, here or at the next start. Each step looks at what is there, so it can
be cut off anywhere and done again. A database of the operator's own is filled in one transaction after the
marker: whether it holds an install then decides.
"""

import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from yong.kernel.access import restored
from yong.kernel.base import clock
from yong.kernel.base.errors import Refused, Unavailable
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.store import embedded

MARKER = "restore.json"
FILES = "restored"
DATA = "data.restored"
_REPLACED = "data.replaced."
_ANCHORS = Path("audit") / "anchor.jsonl"


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """A restore that was decided: its id in the audit trail, the backup's time, the chain's head after it."""

    id: str
    made_at: str
    external: bool = False  # the database is the operator's own
    head: tuple[int, str] | None = None  # position and hash; an external database is asked at the end


def pending(home: Path) -> Marker | None:
    """The restore that waits to be finished. Raises Refused when its marker cannot be read."""
    try:
        return msgspec.json.decode((home / MARKER).read_bytes(), type=Marker)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        raise Refused(
            Text("{file} 已损坏，请重新运行 yong restore", "{file} is damaged; run yong restore again"),
            file=home / MARKER,
        ) from None


def decide(home: Path, files: Path, marker: Marker) -> None:
    """Put the restored files beside the present ones and write the marker, synced: from here on it counts."""
    _gone(home / FILES)
    shutil.move(files, home / FILES)
    os.sync()  # the data that was moved here, too, before the word that it counts
    put(home / MARKER, msgspec.json.encode(marker))


def complete(settings: Settings) -> bool:
    """Finish a restore that was decided, or clear away one that was not; whether one was finished.

    The caller holds the supervisor's lock and nothing runs. Raises Unavailable when an external database
    cannot be asked.
    """
    home = settings.home
    folder = None if settings.database_url else _data_folder(home)
    marker = pending(home)
    if marker is None or (marker.external and not filled(settings.database_url or "")):
        (home / MARKER).unlink(missing_ok=True)
        _gone(home / FILES)
        if folder:
            _gone(folder / DATA)
            _forget_replaced(folder)
        return False
    head = marker.head
    if marker.external:
        head = record(settings.database_url or "", marker)
    elif folder and (folder / DATA).exists():
        if (folder / "data").exists():
            (folder / "data").rename(folder / f"{_REPLACED}{secrets.token_hex(4)}")
        (folder / DATA).rename(folder / "data")
        _synced(folder)
    _swap_files(home, marker, head or (0, ""))
    _gone(home / "bus")  # what it buffered belongs to another past
    _gone(home / "search")  # and so does what was found; it is made anew
    _synced(home)
    (home / MARKER).unlink()
    _synced(home)
    _gone(home / FILES)
    if folder:
        _forget_replaced(folder)
    return True


def record(url: str, marker: Marker) -> tuple[int, str]:
    """Write the restore into the restored trail, once; the head of the chain it came with."""
    import psycopg  # every start looks here, and hardly any needs it

    with psycopg.connect(url) as connection:
        connection.execute(
            """INSERT INTO access.audit_entry (account, action, resource, facts)
               SELECT 'module:app', %(action)s, 'app',
                      jsonb_build_object('restore', %(id)s::text, 'made_at', %(made_at)s::text)
               WHERE NOT EXISTS (SELECT 1 FROM access.audit_entry
                                 WHERE action = %(action)s AND facts->>'restore' = %(id)s)""",
            {"action": restored.ACTION, "id": marker.id, "made_at": marker.made_at},
        )
        row = connection.execute(
            """SELECT position, encode(hash, 'hex') FROM (
                 SELECT position, hash FROM access.audit_seal
                 UNION ALL SELECT position, hash FROM access.audit_start) h ORDER BY position DESC LIMIT 1"""
        ).fetchone()
    return (row[0], row[1]) if row else (0, "")


def filled(url: str) -> bool:
    """Whether a database holds an install. Raises Unavailable."""
    import psycopg

    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            row = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'store'").fetchone()
    except psycopg.OperationalError:
        raise Unavailable(Text("数据库无法连接", "The database cannot be reached")) from None
    return row is not None


def put(file: Path, content: bytes) -> None:
    """Write a file of the home whole or not at all, synced, for its owner alone."""
    fresh = file.with_name(f".{file.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    _synced(file.parent)


def _swap_files(home: Path, marker: Marker, head: tuple[int, str]) -> None:
    source = home / FILES
    if not source.is_dir():
        return
    if not (source / ".anchored").exists():
        _anchor(home, source, marker, head)
    for path in sorted(source.iterdir()):
        if path.name == ".anchored":
            continue
        if path.is_dir() or (home / path.name).is_dir():
            _gone(home / path.name)
        path.rename(home / path.name)


def _anchor(home: Path, source: Path, marker: Marker, head: tuple[int, str]) -> None:
    """Carry the present anchors over to the restored files, with a line that tells of the restore."""
    present, of_backup = (f.read_bytes() if f.exists() else b"" for f in (home / _ANCHORS, source / _ANCHORS))
    line = restored.Line(
        position=head[0],
        hash=head[1],
        at=clock.now(),
        restored=restored.Restored(id=marker.id, made_at=datetime.fromisoformat(marker.made_at)),
    )
    (source / "audit").mkdir(mode=0o700, exist_ok=True)
    if marker.id.encode() not in of_backup:  # a run that was cut off here has done it
        put(source / _ANCHORS, restored.joined(present, of_backup, line))
    put(source / ".anchored", b"")


def _forget_replaced(folder: Path) -> None:
    if (folder / "data").exists():
        for path in folder.glob(f"{_REPLACED}*"):
            _gone(path)


def _data_folder(home: Path) -> Path | None:
    """The folder of the embedded data, if there is one; without making any."""
    if not home.is_dir():
        return None
    return embedded.Server(home).settled()


def _gone(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
