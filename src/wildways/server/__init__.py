"""Floor 5: the server. It opens a release, never the workspace."""

from wildways.server.app import create_app
from wildways.server.serving import serve

__all__ = ["create_app", "serve"]
