"""Degrees to metres around a place: a transverse Mercator projection of the points' own neighbourhood.

Within 100 km of its meridian lengths are right to 0.013 % (x²/2R²), a centimetre over the distances that are compared.
"""

from collections.abc import Callable

import numpy as np

from yong.kernel.records.matching.similarity import Floats

Project = Callable[[Floats], Floats]


def plane_of(lonlat: Floats) -> tuple[Project, Project]:
    """The projection of degrees (n, 2) to metres around the points, and back.

    The origin is the half degree that is nearest to their median, so that one point more or less does not move it.
    """
    from pyproj import Transformer  # 11 MB, which a process that merges nothing does not need

    lon, lat = (np.round(np.median(lonlat, axis=0) * 2) / 2).tolist() if len(lonlat) else (0.0, 0.0)
    there = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
        f" +step +proj=tmerc +lat_0={lat:.6f} +lon_0={lon:.6f} +k=1 +x_0=0 +y_0=0 +a=6378137 +rf=298.257222101"
    )

    def forth(points: Floats) -> Floats:
        return np.column_stack(there.transform(points[:, 0], points[:, 1]))

    def back(points: Floats) -> Floats:
        return np.column_stack(there.transform(points[:, 0], points[:, 1], direction="INVERSE"))

    return forth, back
