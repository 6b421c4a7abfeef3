"""HTTP of documents."""

from yong.kernel.documents.routes import files, papers, retention, uploads

routes = (*uploads.routes, *files.routes, *retention.routes, *papers.routes)
