"""Pictures of results, drawn with matplotlib. A public room that ``platform_core.sdk`` itself never imports."""
