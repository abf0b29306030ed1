"""Build static/img/icons.svg: one sprite with the icons the pages use.

    npm pack lucide-static@1.62.0 && tar xzf lucide-static-1.62.0.tgz
    python tools/build_icons.py package

Run it only when a name is added to tools/icons.txt.
"""

import re
import sys
from pathlib import Path

SPRITE = Path(__file__).parent.parent / "static" / "img" / "icons.svg"
NAMES = (Path(__file__).parent / "icons.txt").read_text().split()


def symbol(name: str, drawing: str) -> str:
    """Turn one Lucide file into a <symbol> without its own size, stroke and licence comment."""
    start = drawing.index(">", drawing.index("<svg")) + 1
    shapes = re.sub(r"\s+", " ", drawing[start : drawing.index("</svg>")])
    shapes = shapes.replace(" />", "/>").replace("> <", "><").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def build(icons: Path) -> str:
    lines = [
        "<!-- Icons: Lucide 1.62.0 (ISC), https://lucide.dev. Built by tools/build_icons.py. -->",
        '<svg xmlns="http://www.w3.org/2000/svg">',
        *(symbol(name, (icons / f"{name}.svg").read_text()) for name in sorted(NAMES)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    SPRITE.write_text(build(Path(sys.argv[1]) / "icons"))
