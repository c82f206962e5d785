"""One self-contained HTML page from plain values: style, script and data in a single file, nothing from the network."""

import json
import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

TEXT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Characters that mean something to HTML or JavaScript, and what stands for them within a text of JSON."""


def page(title: str, data: Mapping[str, Any]) -> str:
    """The page that shows ``data``, which is made of plain values with finite numbers.

    Whatever a text in it holds, it stays text: in the JSON no character is left that could end the element it is in.
    """
    parts = {
        "title": escape(title),
        "style": _file("page.css"),
        "script": "".join(_file(name) for name in ("scales.js", "charts.js", "page.js")),
        "data": embedded(data),
    }
    # in one go: a part that happens to hold the name of another stays as it is
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _file("page.html"))


def embedded(data: object) -> str:
    """JSON that can stand in a ``<script>`` element, whatever texts are in it."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda match: TEXT[match[0]], text)


def _file(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")
