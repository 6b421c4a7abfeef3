"""The tile matrix set WebMercatorQuad (OGC 17-083r4, annex D.1): where a tile lies, and positions in its units.

Inside a tile x grows to the east and y to the south, EXTENT units a side; BUFFER units around it are drawn along, so
that lines and symbols that cross a border do not end there.
"""

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from yong.kernel.geo.features.crs import EDGE_M, RADIUS_M, uri_of

ID = "WebMercatorQuad"
URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{ID}"
SCALE_SET = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"
CRS = uri_of(3857)
DEEPEST = 22
EXTENT, BUFFER = 4096, 64
PIXELS = 256
_PIXEL_M = 0.00028  # of the standard's rendering, for scale denominators
_NORTHERNMOST = 89.9  # degrees; nearer to the pole the projection has no numbers any more

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]


class Tile(msgspec.Struct, frozen=True):
    """A tile by its zoom level, row from the north and column from the west, all from 0."""

    z: int
    row: int
    col: int

    @property
    def there(self) -> bool:
        side = 1 << max(0, min(self.z, DEEPEST))
        return 0 <= self.z <= DEEPEST and 0 <= self.row < side and 0 <= self.col < side

    @property
    def side_m(self) -> float:
        return 2 * EDGE_M / (1 << self.z)

    @property
    def corner_m(self) -> tuple[float, float]:
        """The north-western corner in metres of EPSG:3857."""
        return -EDGE_M + self.col * self.side_m, EDGE_M - self.row * self.side_m

    def box(self, buffer: int = 0) -> Box:
        """West, south, east, north in degrees, of so many units more around it; within the whole Earth."""
        x, y = self.corner_m
        more = self.side_m * buffer / EXTENT
        west, north = _degrees(x - more, y + more)
        east, south = _degrees(x + self.side_m + more, y - self.side_m - more)
        return max(west, -180.0), south, min(east, 180.0), north

    def units(self, positions: Floats) -> Floats:
        """Longitude, latitude as x, y in units of the tile, not rounded."""
        x, y = self.corner_m
        lat = np.radians(np.clip(positions[:, 1], -_NORTHERNMOST, _NORTHERNMOST))
        east = np.radians(positions[:, 0]) * RADIUS_M - x
        south = y - np.arcsinh(np.tan(lat)) * RADIUS_M
        return np.column_stack((east, south)) * (EXTENT / self.side_m)


def _degrees(x: float, y: float) -> tuple[float, float]:
    return math.degrees(x / RADIUS_M), math.degrees(math.atan(math.sinh(y / RADIUS_M)))


def definition() -> dict[str, Any]:
    """The tile matrix set as JSON (OGC 17-083r4, clause 7)."""
    cell_m = 2 * EDGE_M / PIXELS
    return {
        "id": ID,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "wellKnownScaleSet": SCALE_SET,
        "orderedAxes": ["X", "Y"],
        "tileMatrices": [
            {
                "id": str(z),
                "scaleDenominator": cell_m / _PIXEL_M / (1 << z),
                "cellSize": cell_m / (1 << z),
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-EDGE_M, EDGE_M],
                "tileWidth": PIXELS,
                "tileHeight": PIXELS,
                "matrixWidth": 1 << z,
                "matrixHeight": 1 << z,
            }
            for z in range(DEEPEST + 1)
        ],
    }
