"""A web service: the details of a treatment come in as JSON, the sheet goes out as a PDF."""

import os

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from handouts import InputError, Press

press = Press.open(os.environ["HANDOUTS_CLINIC"])


async def sheet(request: Request) -> Response:
    """Answer with the sheet of the document that the address names, or with what is wrong."""
    try:
        made = await run_in_threadpool(press.sheet, request.path_params["document"], await request.json())
    except InputError as error:
        return JSONResponse({"problems": [str(problem) for problem in error.problems]}, status_code=422)
    return Response(made.data, media_type="application/pdf")


app = Starlette(routes=[Route("/sheets/{document}", sheet, methods=["POST"])])
