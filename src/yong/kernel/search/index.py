"""The index on disk (tantivy): one folder of the home, one writer, any number of readers.

`search/current` names the folder in use. A new index is made beside it and put in its place by renaming that file, so
readers go from one to the other whole. Everything in it is derived: a folder that is lost or broken is made anew.
"""

import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from yong.kernel.base.ids import new_id
from yong.kernel.base.settings import Settings
from yong.kernel.search.logic.query import Asked, Clause
from yong.kernel.search.logic.terms import Way, of_code, of_text, of_title

if TYPE_CHECKING:
    import tantivy

_log = structlog.get_logger("search")

VERSION = "1"  # of the terms: another one makes the index anew
_HEAP = 48 << 20
_PARTED = "\x1f"
_DISTRICT = (2, 4, 6, 9, 12)
_FIELDS = (("title", 3.0), ("code", 2.0), ("text", 1.0))
_WHOLE, _FUZZY, _NEAR = 8.0, 0.3, 4.0
BROKEN = (ValueError, OSError)
"""What tantivy raises when its files are gone or damaged."""


def _tantivy() -> Any:
    import tantivy  # seventeen megabytes, for the processes that search

    return tantivy


def _schema() -> "tantivy.Schema":
    builder = _tantivy().SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("relation", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("district", tokenizer_name="raw", index_option="basic")
    for name, _ in _FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_float_field("x", fast=True)
    builder.add_float_field("y", fast=True)
    built: tantivy.Schema = builder.build()
    return built


class Entry(NamedTuple):
    """A row as it is indexed: (role, text) of its fields, where it lies, in which district."""

    relation: str
    id: str
    parts: Sequence[tuple[str, str]]
    place: tuple[float, float] | None
    district: str | None

    @property
    def key(self) -> str:
        return f"{self.relation}{_PARTED}{self.id}"


_TERMS = {"title": of_title, "text": of_text, "code": of_code}


def document(entry: Entry) -> "tantivy.Document":
    """A row's terms. It takes a tenth of a millisecond or more: large numbers belong into a thread."""
    made: tantivy.Document = _tantivy().Document()
    made.add_text("key", entry.key)
    made.add_text("relation", entry.relation)
    for role, text in entry.parts:
        made.add_text(role, " ".join(_TERMS[role](text)))
    if entry.place is not None:
        made.add_float("x", entry.place[0])
        made.add_float("y", entry.place[1])
    for length in _DISTRICT:
        if entry.district and len(entry.district) >= length:
            made.add_text("district", entry.district[:length])
    return made


class Folder:
    """Where an install's index lies."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.home / "search"
        self.pointer = self.path / "current"

    def current(self) -> str | None:
        """The index in use; None when there is none."""
        try:
            name = self.pointer.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if name.startswith(f"{VERSION}-") and (self.path / name / "meta.json").is_file() else None

    def make(self) -> str:
        """A new, empty folder, not yet in use."""
        name = f"{VERSION}-{new_id()}"
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.path / name).mkdir(mode=0o700)
        return name

    def use(self, name: str) -> None:
        """Put an index into use. What a reader still has open of another stays open to it."""
        fresh = self.path / "current.new"
        fresh.write_text(name, "ascii")
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(self.pointer)
        self.tidy(name)

    def tidy(self, keep: str | None) -> None:
        """Remove what was left by others than `keep`."""
        for path in self.path.iterdir() if self.path.is_dir() else ():
            if path.is_dir() and path.name != keep:
                shutil.rmtree(path, ignore_errors=True)


class Writer:
    """The only writer of a folder: tantivy's lock on it ends with the process. For threads, one at a time."""

    def __init__(self, folder: Path, *, fresh: bool) -> None:
        """Raises one of BROKEN."""
        tantivy = _tantivy()
        self.index = tantivy.Index(_schema(), str(folder)) if fresh else tantivy.Index.open(str(folder))
        self.index.searcher().search(tantivy.Query.all_query(), 1)  # its files can be read
        self.writer = self.index.writer(_HEAP, 1)

    def add(self, entries: Iterable[Entry]) -> int:
        """Add rows that are not there; how many."""
        count = 0
        for entry in entries:
            self.writer.add_document(document(entry))
            count += 1
        return count

    def drop(self, relation: str, ids: Iterable[str]) -> None:
        for id_ in ids:
            self.writer.delete_documents_by_term("key", f"{relation}{_PARTED}{id_}")

    def drop_all(self, relation: str) -> None:
        self.writer.delete_documents_by_term("relation", relation)

    def commit(self) -> int:
        """Make what was written last, and visible to readers; how many rows there are now."""
        self.writer.commit()
        self.index.reload()
        return int(self.index.searcher().num_docs)

    def close(self) -> None:
        """End it whole: merges under way are waited for. What was not committed is lost."""
        self.writer.wait_merging_threads()


class Candidates(NamedTuple):
    """Rows that may be what was asked, the best first."""

    rows: list[tuple[str, str]]  # relation, id
    more: bool


class Reader:
    """The index in use, as the queries of this process see it; a new commit is seen by the next query."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.name: str | None = None
        self.index: Any = None
        self.stamp: tuple[int, int] | None = None
        self.opening = threading.Lock()

    def searcher(self) -> Any:
        """Raises one of BROKEN when there is no index."""
        with self.opening:
            name = self.folder.current()
            if name is None:
                self.name = self.index = None
                raise FileNotFoundError("there is no index")
            if name != self.name:
                self.index = _tantivy().Index.open(str(self.folder.path / name))
                self.index.config_reader("manual", 0)
                self.name, self.stamp = name, None
            meta = (self.folder.path / name / "meta.json").stat()
            stamp = (meta.st_mtime_ns, meta.st_ino)
            if stamp != self.stamp:
                self.index.reload()
                self.stamp = stamp
            return self.index.searcher()

    def candidates(
        self,
        asked: Asked,
        relations: Sequence[str],
        boosts: Sequence[tuple[str, float]],
        *,
        titles: bool,
        district: str | None,
        box: tuple[float, float, float, float] | None,
        limit: int,
    ) -> Candidates:
        """Rows of some Relations that may hold what was asked. Raises one of BROKEN."""
        searcher = self.searcher()
        query = _Query(self.index.schema, titles).of(asked, relations, boosts, district, box)
        hits = searcher.search(query, limit, count=False).hits
        rows = []
        for _, address in hits:
            relation, _, id_ = searcher.doc(address).get_first("key").partition(_PARTED)
            rows.append((relation, id_))
        return Candidates(rows, len(hits) == limit)


class _Query:
    """A query of the index, from what was asked."""

    def __init__(self, schema: Any, titles: bool) -> None:
        self.schema = schema
        self.q = _tantivy().Query
        self.occur = _tantivy().Occur
        self.kind = _tantivy().FieldType.Float
        self.fields = [f for f in _FIELDS if not titles or f[0] != "text"]

    def of(
        self,
        asked: Asked,
        relations: Sequence[str],
        boosts: Sequence[tuple[str, float]],
        district: str | None,
        box: tuple[float, float, float, float] | None,
    ) -> Any:
        must = [self.clause(c) for c in asked.clauses]
        only = [self._term("relation", r) for r in relations]
        if only:
            must.append(self._worth(self._any(only), 0.0))
        if district:
            length = max((n for n in _DISTRICT if n <= len(district)), default=2)
            must.append(self._worth(self._term("district", district[:length]), 0.0))
        should = [self._worth(self._term("relation", r), boost - 1) for r, boost in boosts]
        if asked.whole:
            should += [self._worth(self._term(f, f"={asked.whole}"), _WHOLE) for f in ("title", "code")]
        if box is not None:
            should.append(self._worth(self._within(box), _NEAR))
        if len(must) == 1 and not should:
            return must[0]
        return self.q.boolean_query(
            [(self.occur.Must, q) for q in must] + [(self.occur.Should, q) for q in should]
        )

    def clause(self, clause: Clause) -> Any:
        found = []
        for name, boost in self.fields:
            ways = [w for w in clause.ways if name == "title" or not w.title]
            found += [self._boosted(self._way(name, w), w.boost * boost) for w in ways]
            if clause.fuzzy and name != "code":
                fuzzy = self.q.fuzzy_term_query(self.schema, name, clause.text, 1, True, False)
                found.append(self._worth(fuzzy, _FUZZY * boost))
        return found[0] if len(found) == 1 else self.q.disjunction_max_query(found)

    def _way(self, name: str, way: Way) -> Any:
        parts = [self._term(name, t) for t in way.terms]
        if way.any_of:
            parts.append(self._any([self._term(name, t) for t in way.any_of]))
        if len(parts) == 1:
            return parts[0]
        return self.q.boolean_query([(self.occur.Must, p) for p in parts])

    def _term(self, field: str, term: str) -> Any:
        return self.q.term_query(
            self.schema, field, term, "basic" if field in ("relation", "district") else "freq"
        )

    def _any(self, of: Sequence[Any]) -> Any:
        return of[0] if len(of) == 1 else self.q.boolean_query([(self.occur.Should, q) for q in of])

    def _boosted(self, query: Any, boost: float) -> Any:
        return query if boost == 1 else self.q.boost_query(query, boost)

    def _worth(self, query: Any, score: float) -> Any:
        return self.q.const_score_query(query, score)

    def _within(self, box: tuple[float, float, float, float]) -> Any:
        west, south, east, north = box
        x = self.q.range_query(self.schema, "x", self.kind, west, east)
        y = self.q.range_query(self.schema, "y", self.kind, south, north)
        return self.q.boolean_query([(self.occur.Must, x), (self.occur.Must, y)])
