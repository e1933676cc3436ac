"""The endpoints of deployments: canaries and shadows beside aliases."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from platform_core.api.bodies import read_json
from platform_core.api.deployment_schemas import DeploymentIn, DeploymentOut, inlined
from platform_core.api.paths import PREFIX
from platform_core.api.problems import WrongSchema
from platform_core.api.routes import PlatformIn
from platform_core.sdk.wording import first_complaint
from platform_core.serving.deployments.schemas import DeploymentInfo

deployments = APIRouter(prefix=PREFIX, tags=["deployments"])

_PATH = "/models/{name}/aliases/{alias}/deployment"
Name = Annotated[str, Path(description="Name of the model.")]
Alias = Annotated[str, Path(description="Name of the alias, such as `champion`.")]

# The body is read as a stream, to stop at the limit; so its schema is stated here.
_SCHEMA = inlined(DeploymentIn.model_json_schema())
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


@deployments.get(_PATH)
def show_deployment(platform: PlatformIn, name: Name, alias: Alias) -> DeploymentOut:
    """Show what is tried beside an alias, what was counted until a second ago, and what was tried."""
    return _out(platform.deployments.show(name, alias))


@deployments.put(_PATH, response_model=DeploymentOut, openapi_extra=_BODY)
async def put_deployment(request: Request, platform: PlatformIn, name: Name, alias: Alias) -> DeploymentOut:
    """Make what is tried beside an alias what the body says; what it does not name ends."""
    wanted = _validated(await read_json(request, platform.settings.max_request_bytes)).plan()
    return _out(await run_in_threadpool(platform.deployments.apply, name, alias, wanted))


@deployments.delete(_PATH)
def stop_deployment(platform: PlatformIn, name: Name, alias: Alias) -> DeploymentOut:
    """End what is tried beside an alias; 409 where nothing is."""
    return _out(platform.deployments.stop(name, alias))


def _out(deployment: DeploymentInfo) -> DeploymentOut:
    return DeploymentOut.model_validate(deployment.to_dict())


def _validated(document: Any) -> DeploymentIn:
    try:
        return DeploymentIn.model_validate(document)
    except ValidationError as error:
        found = first_complaint(error)
        hint = 'send {"canary": {"version": 4, "percent": 10}}'
        raise WrongSchema(found.message, where=found.where or "the document", hint=hint) from None
