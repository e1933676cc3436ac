"""The endpoints of monitoring."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from platform_core.api.monitoring_schemas import ModelHistoryOut
from platform_core.api.paths import PREFIX
from platform_core.api.routes import PlatformIn

scraping = APIRouter(tags=["monitoring"])
monitoring = APIRouter(prefix=PREFIX, tags=["monitoring"])

Name = Annotated[str, Path(description="Name of the model.")]
Hours = Annotated[float, Query(gt=0, le=24 * 366, description="How far back, at most a year.")]


@scraping.get("/metrics", include_in_schema=False)
def metrics(request: Request, platform: PlatformIn) -> Response:
    """Return all metrics, in a format of Prometheus that the scraper takes."""
    body, content_type = platform.metrics.expose(request.headers.get("accept", ""))
    return Response(body, media_type=content_type)


@monitoring.get("/models/{name}/history")
def show_history(platform: PlatformIn, name: Name, hours: Hours = 24) -> ModelHistoryOut:
    """Tell how many requests the versions of a model answered, how quickly, and which errors there were."""
    platform.registry.versions(name)
    return ModelHistoryOut.model_validate(platform.history.of(name, hours=hours).to_dict())
