"""The paths of the service."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse

from serve.api import page
from serve.api.docs_page import docs_page
from serve.api.door import Door
from serve.api.failure import Failure, Json, internal
from serve.api.keys import Keys
from serve.api.messages import Batch, Error, Feedback, Question, Told
from serve.api.misread import misread
from serve.api.service import Service
from serve.api.stream import events

ABOUT = """Ask a database in words. A policy writes the query, a sandbox that only reads runs it.

Nothing can be written over HTTP. Where keys are set, send one as Authorization: Bearer KEY. An error is always
{"error": a sentence, "code": a word}; where trying again helps, Retry-After says after how many seconds."""
REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": Error, "description": told}
    for code, told in {
        401: "no key, or a wrong one",
        404: "no such database or answer",
        413: "larger than may be sent",
        422: "not what may be asked",
        429: "too many requests",
        503: "busy, or the model is away",
        504: "it took too long",
    }.items()
}


def application(service: Service, keys: Keys) -> Door:
    """Closes the service when the server ends."""

    @asynccontextmanager
    async def life(_: FastAPI):
        yield
        await asyncio.to_thread(service.close)

    app = FastAPI(title="Ask a database", description=ABOUT, version="1", docs_url=None, redoc_url=None, lifespan=life)
    _errors(app, service)
    _questions(app, service)
    _about(app, service)
    _pages(app)
    paths = {getattr(route, "path", "") for route in app.routes}
    door = Door(app, service.options, keys, service.measured, paths)
    app.state.door = door
    return door


def _questions(app: FastAPI, service: Service) -> None:
    @app.post("/sql", summary="Ask one question", response_model=Told, responses=REFUSALS)
    async def sql(asked: Question) -> Response:
        """The query, its rows, and what it takes. A query that does not run is an answer too: error says why."""
        return Json(await service.answer(asked))

    @app.post("/sql/batch", summary="Ask several questions", responses=REFUSALS)
    async def batch(asked: Batch, request: Request) -> Response:
        """{"answers": [...]} in the order of the questions, each an answer or an error, and counts as so many."""
        app.state.door.take(request.scope["state"].get("client", ""), len(asked.questions) - 1, 1)

        async def one(question: Question) -> dict[str, Any]:
            try:
                return await service.answer(question)
            except Failure as error:
                service.measured.refused(error.code)
                return error.body() | {"retry_after": error.retry_after}

        return Json({"answers": await asyncio.gather(*map(one, asked.questions))})

    @app.post("/sql/stream", summary="Ask, and hear its stages", response_class=StreamingResponse, responses=REFUSALS)
    async def stream(asked: Question) -> Response:
        """Server-sent events: started, written, candidates, repaired where there was a repair, then result or error.
        Stages are streamed, tokens are not."""
        service.asker(asked.database)
        return StreamingResponse(events(service, asked), media_type="text/event-stream")

    @app.post("/feedback", summary="Say whether an answer was right", responses=REFUSALS)
    async def feedback(said: Feedback) -> Response:
        """A correction in sql is run first, and refused where it does not run."""
        given = service.feedback.about(said.id, said.right, said.sql)
        before, given.opinion = given.opinion, "settled"
        try:
            if said.sql is not None:
                await service.correction(given.database, said.sql)
            given.opinion = "settled" if said.right or said.sql else "wrong"
            policy = service.opened.policy
            await asyncio.to_thread(service.feedback.write, said.id, given, said.right, said.sql, said.comment, policy)
        except BaseException:
            given.opinion = before
            raise
        service.measured.feedback(said.right)
        return Json({"kept": True})


def _about(app: FastAPI, service: Service) -> None:
    @app.get("/databases", summary="Which databases can be asked")
    async def databases() -> Response:
        """{"databases": [{"name", "engine"}]}"""
        found = [{"name": name, "engine": one.database.engine} for name, one in service.opened.askers.items()]
        return Json({"databases": found})

    @app.get("/schema/{name}", summary="What the policy is shown of a database", responses=REFUSALS)
    async def schema(name: str) -> Response:
        """{"database", "schema"}: a CREATE statement for each table."""
        return Json({"database": name, "schema": await service.schema(name)})

    @app.get("/health", summary="Whether the service lives")
    async def health() -> Response:
        return Json({"status": "ok"})

    @app.get("/ready", summary="Whether the model answers", responses={503: REFUSALS[503]})
    async def ready() -> Response:
        if not await service.ready():
            raise Failure(503, "model_away", "the model's server does not answer; ask again later", 5)
        return Json({"status": "ready"})

    @app.get("/metrics", summary="Numbers for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        text, kind = service.measured.text()
        return Response(text, headers={"Content-Type": kind})


def _pages(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(docs_page(app.openapi()))

    for path, (kind, text) in page.FILES.items():
        app.get(path, include_in_schema=False)(_file(kind, text()))


def _file(kind: str, text: str):
    async def file() -> Response:
        return Response(text, media_type=kind)

    return file


def _errors(app: FastAPI, service: Service) -> None:
    @app.exception_handler(Failure)
    async def failed(_: Request, error: Failure) -> Response:
        service.measured.refused(error.code)
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, error: RequestValidationError) -> Response:
        failure = misread(error.errors()[0])
        service.measured.refused(failure.code)
        return failure.response()

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> Response:
        return internal().response()  # the door logs it and counts it

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        codes = {400: "bad_json", 404: "not_found", 405: "method_not_allowed"}
        told = {
            400: "the body is no JSON, or is nested too deep",
            404: "there is nothing at this path; see /docs",
            405: "this path takes other methods; see Allow",
        }
        code = codes.get(error.status_code, "bad_request")
        service.measured.refused(code)
        sentence = told.get(error.status_code, "the request cannot be read")
        return Failure(error.status_code, code, sentence).response(error.headers)
