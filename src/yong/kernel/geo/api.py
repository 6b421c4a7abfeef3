"""The only door of geography: every function takes the City and the Caller, and authorizes first."""

from yong.kernel.geo.datums.api import convert, systems
from yong.kernel.geo.grids.api import divide, explain
from yong.kernel.geo.locating.api import locate, locate_one

__all__ = ["convert", "divide", "explain", "locate", "locate_one", "systems"]
