"""Every rule of structure of a PMTiles archive (specification version 3), held against one with the package's own reader."""

import gzip
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import mapbox_vector_tile
from pmtiles.reader import MemorySource, Reader
from pmtiles.tile import Compression, Entry, TileType, deserialize_directory, tileid_to_zxy, zxy_to_tileid

HEADER = 127
ROOT_WITHIN = 16_384  # header and root directory lie within the first bytes (section 4)


def verify(archive: bytes) -> dict[tuple[int, int, int], Any]:
    """Assert every rule; the decoded tiles by z, x, y."""
    reader = Reader(MemorySource(archive))
    header = reader.header()
    assert header["version"] == 3
    assert header["tile_type"] is TileType.MVT
    assert header["internal_compression"] is header["tile_compression"] is Compression.GZIP
    assert header["clustered"]
    _sections(header, len(archive))
    entries = list(_entries(archive, header, header["root_offset"], header["root_length"], 0))
    ids = [e.tile_id for e in entries]
    assert ids == sorted(set(ids)), "entries rise and none is twice"
    for entry, after in pairwise(entries):
        assert entry.tile_id + entry.run_length <= after.tile_id, "runs do not overlap"
    contents = {(e.offset, e.length) for e in entries}
    assert header["addressed_tiles_count"] == sum(e.run_length for e in entries)
    assert header["tile_entries_count"] == len(entries)
    assert header["tile_contents_count"] == len(contents)
    assert sum(length for _, length in contents) == header["tile_data_length"], "nothing lies between tiles"
    _clustered(entries)
    zooms = [tileid_to_zxy(e.tile_id)[0] for e in entries]
    assert (header["min_zoom"], header["max_zoom"]) == (min(zooms), max(zooms))
    assert header["min_lon_e7"] <= header["center_lon_e7"] <= header["max_lon_e7"]
    assert header["min_lat_e7"] <= header["center_lat_e7"] <= header["max_lat_e7"]
    layers = {layer["id"] for layer in reader.metadata()["vector_layers"]}
    return dict(_decoded(archive, header, entries, reader, layers))


def _sections(header: Any, size: int) -> None:
    """The sections lie in the archive, one after the other without overlap, the root directory near its beginning."""
    names = ("root", "metadata", "leaf_directory", "tile_data")
    spans = sorted((header[f"{n}_offset"], header[f"{n}_length"]) for n in names if header[f"{n}_length"])
    assert spans[0][0] >= HEADER
    for (start, length), (after, _) in pairwise(spans):
        assert start + length <= after
    assert spans[-1][0] + spans[-1][1] <= size
    assert header["root_offset"] + header["root_length"] <= ROOT_WITHIN


def _entries(archive: bytes, header: Any, offset: int, length: int, depth: int) -> Iterator[Entry]:
    """The entries of tiles, those of leaf directories in the place of what points to them."""
    assert depth < 4
    directory = deserialize_directory(archive[offset : offset + length])
    assert directory, "no directory is empty"
    for entry in directory:
        assert entry.length > 0
        if entry.run_length:
            assert entry.offset + entry.length <= header["tile_data_length"]
            yield entry
        else:
            assert entry.offset + entry.length <= header["leaf_directory_length"]
            leaf = header["leaf_directory_offset"] + entry.offset
            inner = list(_entries(archive, header, leaf, entry.length, depth + 1))
            assert inner[0].tile_id == entry.tile_id, "a leaf begins with the tile that leads to it"
            yield from inner


def _clustered(entries: list[Entry]) -> None:
    """In the order of tiles, each lies right after the last or where one before it lies already."""
    end, seen = 0, set()
    for entry in entries:
        if entry.offset not in seen:
            assert entry.offset == end
            end += entry.length
            seen.add(entry.offset)


def _decoded(
    archive: bytes, header: Any, entries: list[Entry], reader: Reader, layers: set[str]
) -> Iterator[tuple[tuple[int, int, int], Any]]:
    for entry in entries:
        start = header["tile_data_offset"] + entry.offset
        body = archive[start : start + entry.length]
        tile = mapbox_vector_tile.decode(gzip.decompress(body), default_options={"y_coord_down": True})
        assert set(tile) <= layers
        for id_ in range(entry.tile_id, entry.tile_id + entry.run_length):
            z, x, y = tileid_to_zxy(id_)
            assert zxy_to_tileid(z, x, y) == id_
            assert reader.get(z, x, y) == body
            yield (z, x, y), tile
