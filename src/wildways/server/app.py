"""The web application over one release. It opens the release and nothing else."""

from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from wildways.release import open_release
from wildways.server.answers import Compressed, answer_bytes, answer_file
from wildways.server.files import A_DAY, REVALIDATE, KnownFile, package_files, release_files
from wildways.server.negotiation import choose_language
from wildways.server.page import INDEX_FILE, render_page
from wildways.server.problems import add_problems, problem
from wildways.server.security import PREFLIGHT, SecurityHeaders

PACKAGE = Path(__file__).parent
READ = ["GET", "HEAD"]


def create_app(
    release: Path, *, application: Path = PACKAGE / "static", basemap: Path = PACKAGE / "basemap"
) -> FastAPI:
    """An application that serves a release and the web atlas over it.

    ``/`` is the web atlas with the release's text in the reader's language, ``/release/…`` the release's files,
    ``/basemap/…`` the base map, ``/health`` says that all is well. What is not in the tables made here does not exist.
    An address of a file that ends in ``?v=`` and the beginning of its SHA-256 may be kept for ever; others are asked
    for again, which costs little as every file has an entity tag.

    Parameters
    ----------
    release : the release folder
    application, basemap : folders of the built web application and base map

    Raises
    ------
    NotFound, BadInput, Corrupt : as :func:`wildways.release.open_release`
    """
    opened = open_release(release)
    catalogue = opened.catalogue
    assets = {name: file for name, file in package_files(application, REVALIDATE).items() if name != INDEX_FILE}
    tables = {"release": release_files(opened), "basemap": package_files(basemap, A_DAY)}
    compressed = Compressed()

    @cache
    def page(language: str) -> bytes:
        return render_page(catalogue, language, application).encode("utf-8")

    app = FastAPI(title="Wildways", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(SecurityHeaders)
    add_problems(app)

    async def answer(request: Request, file: KnownFile | None) -> Response:
        return problem(404, "not-found") if file is None else await answer_file(request, file, compressed)

    @app.api_route("/", methods=READ)
    async def index(request: Request) -> Response:
        languages = catalogue.atlas.languages
        accept = request.headers.get("accept-language")
        language = choose_language(request.query_params.get("lang"), accept, languages)
        headers = {"cache-control": REVALIDATE, "content-language": language, "vary": "Accept-Language"}
        return await answer_bytes(request, page(language), "text/html; charset=utf-8", compressed, **headers)

    @app.api_route("/health", methods=READ)
    async def health() -> Response:
        return JSONResponse({"status": "ok", "release": catalogue.release}, headers={"cache-control": "no-store"})

    @app.options("/release/{name:path}")
    async def preflight() -> Response:
        return Response(status_code=204, headers=PREFLIGHT)

    @app.api_route("/{table}/{name:path}", methods=READ)
    async def table_file(request: Request, table: str, name: str) -> Response:
        files = tables.get(table)
        return await answer(request, assets.get(f"{table}/{name}") if files is None else files.get(name))

    @app.api_route("/{name}", methods=READ)
    async def asset(request: Request, name: str) -> Response:
        return await answer(request, assets.get(name))

    return app
