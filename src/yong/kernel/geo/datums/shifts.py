"""GCJ-02 and BD-09: forward by the formulas that are public, backward by iterating until nothing moves.

Neither has an official definition that is public. The coefficients of GCJ-02 are those that all public implementations
share (eviltransform, PRCoords and others): a shift in metres, of polynomials and sines of longitude and latitude, laid onto
the ellipsoid of Krasovsky. BD-09 turns and stretches GCJ-02 around the origin of the plane of degrees.

Both are defined for positions (CGCS2000) within SHIFTED alone; a position outside stays where it is. Backward, a
position is moved only if that leads into SHIFTED, so forward and back always meets the beginning, except within the
two kilometres outside the rectangle's edge where two positions have one image: then the one inside is given.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from yong.kernel.geo.datums.systems import SHIFTED

Array = NDArray[np.float64]
Shift = Callable[[Array, Array], tuple[Array, Array]]

_A, _E2 = 6_378_245.0, 0.00669342162296594323  # Krasovsky 1940: metres, squared eccentricity
_TURNS = np.pi * 3000 / 180
_BLOCK = 16_384  # positions at a time, so that they stay near the processor
_STILL = 1e-9  # degrees; each round is hundreds of times nearer, so that the last leaves less than 1e-10
_ROUNDS = 12
_REACH = 0.05  # degrees; the shifts are smaller


def gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """CGCS2000 to GCJ-02, degrees."""
    return _forward(_to_gcj02, lon, lat)


def from_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """GCJ-02 to CGCS2000, degrees; within 1e-9° of the exact inverse."""
    return _backward(_to_gcj02, lon, lat)


def bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """CGCS2000 to BD-09, degrees."""
    return _forward(_to_bd09, lon, lat)


def from_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """BD-09 to CGCS2000, degrees; within 1e-9° of the exact inverse."""
    return _backward(_to_bd09, lon, lat)


def _to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = lon - 105, lat - 35
    # Sines of multiples by their identities: half of the sines that the formula names need not be computed.
    third = np.sin(np.pi / 3 * x)
    sine = third * (3 - 4 * third * third)  # of πx
    third_cosine = np.cos(np.pi / 3 * x)
    double = 2 * sine * third_cosine * (4 * third_cosine * third_cosine - 3)  # sine of 2πx
    ripple = 20 * double * (4 - 4 * double * double)  # 20 (sin 2πx + sin 6πx)
    root = 0.1 * np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x * (x + y) + root
    east += (
        ripple + 20 * sine + 40 * third + 150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)
    ) * (2 / 3)
    third = np.sin(np.pi / 3 * y)
    sine = third * (3 - 4 * third * third)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 2 * root
    north += (
        ripple + 20 * sine + 40 * third + 160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)
    ) * (2 / 3)
    phi = np.radians(lat)
    w2 = 1 - _E2 * np.sin(phi) ** 2
    w = np.sqrt(w2)
    degree = 180 / np.pi / _A
    return lon + east * degree * w / np.cos(phi), lat + north * degree * w * w2 / (1 - _E2)


def _to_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = _to_gcj02(lon, lat)
    radius = np.hypot(x, y)
    stretch = 1 + 2e-5 * np.sin(y * _TURNS) / radius
    turn = 3e-6 * np.cos(x * _TURNS)
    sine, cosine = np.sin(turn), np.cos(turn)
    return stretch * (x * cosine - y * sine) + 0.0065, stretch * (y * cosine + x * sine) + 0.006


def _within(lon: Array, lat: Array, reach: float = 0.0) -> NDArray[np.bool_]:
    west, south, east, north = SHIFTED
    return (lon >= west - reach) & (lon <= east + reach) & (lat >= south - reach) & (lat <= north + reach)


def _forward(shift: Shift, lon: Array, lat: Array) -> tuple[Array, Array]:
    return _blocks(shift, lon, lat, _within(lon, lat))


def _backward(shift: Shift, lon: Array, lat: Array) -> tuple[Array, Array]:
    def back(x: Array, y: Array) -> tuple[Array, Array]:
        u, v = x, y
        for _ in range(_ROUNDS):
            p, q = shift(u, v)
            du, dv = x - p, y - q
            u, v = u + du, v + dv
            if max(np.abs(du).max(), np.abs(dv).max()) < _STILL:
                break
        moved = _within(u, v, _STILL)  # the edge itself comes back to the edge
        return np.where(moved, u, x), np.where(moved, v, y)

    return _blocks(back, lon, lat, _within(lon, lat, _REACH))


def _blocks(shift: Shift, lon: Array, lat: Array, chosen: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Apply a shift to the positions chosen, a block at a time."""
    x, y = lon.copy(), lat.copy()
    for start in range(0, len(lon), _BLOCK):
        block = slice(start, start + _BLOCK)
        those = chosen[block]
        if those.all():
            x[block], y[block] = shift(lon[block], lat[block])
        elif those.any():
            x[block][those], y[block][those] = shift(lon[block][those], lat[block][those])
    return x, y
