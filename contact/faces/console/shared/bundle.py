"""The built script and style sheet: hashed names from the manifest, served precompressed and for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from markupsafe import Markup

DIST = Path(__file__).parent.parent / "static" / "dist"
_KINDS = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True)
class Bundle:
    """What was built; empty where nothing was, and then pages work without style and script."""

    files: Mapping[str, str] = field(default_factory=dict)
    icons: Mapping[str, str] = field(default_factory=dict)

    def url(self, name: str) -> str | None:
        """The address of a built file by its name in the sources, ``console.js``."""
        return f"/assets/{self.files[name]}" if name in self.files else None

    def icon(self, name: str) -> Markup:
        """An icon for the eye only; it always stands beside a word."""
        drawing = self.icons.get(name, "")
        return Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(
            Markup(drawing)
        ) if drawing else Markup("")  # fmt: skip


def read_bundle(folder: Path = DIST) -> Bundle:
    """The manifest that the build left, or an empty bundle."""
    path = folder / "manifest.json"
    if not path.exists():
        return Bundle()
    manifest = json.loads(path.read_text("utf-8"))
    return Bundle(manifest["files"], manifest["icons"])


async def serve_asset(request: web.Request) -> web.StreamResponse:
    """A built file, in the smallest form the browser takes; unknown names are 404."""
    name = request.match_info["name"]
    path = DIST / name
    if name not in read_bundle().files.values() or not path.is_file():
        return web.Response(status=404, text="no such asset\n")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Type": f"{_KINDS[path.suffix]}; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    return web.FileResponse(path, headers=headers)
