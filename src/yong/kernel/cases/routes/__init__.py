"""HTTP of cases: procedures on the shelf, cases and what is done with them, the log."""

from yong.kernel.cases.routes import desk, papers, shelf
from yong.kernel.cases.simulating import routes as simulating
from yong.kernel.cases.suggesting import routes as suggesting

routes = (*shelf.routes, *desk.routes, *papers.routes, *suggesting.routes, *simulating.routes)
