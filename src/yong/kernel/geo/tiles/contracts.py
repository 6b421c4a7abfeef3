"""What tiles promise."""

MOST = 10_000  # features of a tile; of more it holds how many there are in each of its cells
CELLS = 32  # a side, of a tile that counts
SHOWN_TO = 18  # the level up to which clients ask; deeper ones are drawn from it
KEPT_BYTES, KEPT = 64 << 20, 5_000  # of tiles in one process
DEAR_S = 0.025  # looking whether a tile still holds may take so long before every answer
REST = 20  # a dear tile is not looked at again for so many times what that took
OLDEST_S, RECENT_S = 60.0, 2.0  # older no tile is given out that counts, that shows features
WITHIN_S = 20.0  # longer may no tile take
COUNT, CLUSTER = "point_count", "cluster"
