"""Pictures of results, drawn with matplotlib. A public room that ``platform_core.sdk`` itself never imports::

    from platform_core.sdk.pictures import Alert, Panel, draw_series

    png = draw_series([Panel(title="Heart rate", at=[0.0, 1.0], values=[80, 132], alerts=[Alert(at=1.0, text="high")])])

Import it inside the function that draws: it costs time that those who do not draw should not pay.
"""

from platform_core.sdk.pictures.legends import Mark
from platform_core.sdk.pictures.panels import Alert, AlertLevel, Instant, Panel
from platform_core.sdk.pictures.series import draw_series

__all__ = ["Alert", "AlertLevel", "Instant", "Mark", "Panel", "draw_series"]
