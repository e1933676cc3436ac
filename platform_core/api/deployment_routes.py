"""The endpoints of deployments: canaries and shadows beside aliases."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool

from platform_core.api.bodies import read_json, validated
from platform_core.api.deployment_schemas import DeploymentIn, DeploymentOut, inlined
from platform_core.api.paths import PREFIX
from platform_core.api.routes import PlatformIn
from platform_core.serving.deployments.schemas import DeploymentInfo

deployments = APIRouter(prefix=PREFIX, tags=["deployments"])

_PATH = "/models/{name}/aliases/{alias}/deployment"
Name = Annotated[str, Path(description="Name of the model.")]
Alias = Annotated[str, Path(description="Name of the alias, such as `champion`.")]

# The body is read as a stream, to stop at the limit; so its schema is stated here.
_SCHEMA = inlined(DeploymentIn.model_json_schema())
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}
_HINT = 'send {"canary": {"version": 4, "percent": 10}}'


@deployments.get(_PATH)
def show_deployment(platform: PlatformIn, name: Name, alias: Alias) -> DeploymentOut:
    """Show what is tried beside an alias, what was counted until a second ago, and what was tried."""
    return _out(platform.deployments.show(name, alias))


@deployments.put(_PATH, response_model=DeploymentOut, openapi_extra=_BODY)
async def put_deployment(request: Request, platform: PlatformIn, name: Name, alias: Alias) -> DeploymentOut:
    """Make what is tried beside an alias what the body says; what it does not name ends."""
    said = validated(DeploymentIn, await read_json(request, platform.settings.max_request_bytes), _HINT)
    return _out(await run_in_threadpool(platform.deployments.apply, name, alias, said.plan()))


@deployments.delete(_PATH)
def stop_deployment(platform: PlatformIn, name: Name, alias: Alias) -> DeploymentOut:
    """End what is tried beside an alias; 409 where nothing is."""
    return _out(platform.deployments.stop(name, alias))


def _out(deployment: DeploymentInfo) -> DeploymentOut:
    return DeploymentOut.model_validate(deployment.to_dict())
