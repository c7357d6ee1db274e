"""The app: Dash pages over one store."""

from workbench.app.factory import create_app
from workbench.app.serving import serve

__all__ = ["create_app", "serve"]
