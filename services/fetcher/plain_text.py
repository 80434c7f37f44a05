"""HTML fragments, as feeds carry them, to plain text and paragraphs. Pure."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import Final

from lxml import etree, html

from services.fetcher.charset import CONTROL_CHARACTERS

_TAG: Final = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--|!\[CDATA\[|!doctype[^<>]*)>", re.DOTALL | re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_SPACES: Final = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE: Final = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")
_SILENT: Final = frozenset(
    {
        "script", "style", "noscript", "iframe", "object", "embed", "form", "button", "select", "svg", "template",
        "head",
        "figure",
    }
)  # fmt: skip
_BLOCKS: Final = frozenset(
    {
        "p", "div", "br", "li", "ul", "ol", "dl", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre",
        "table", "tr", "section", "article", "header", "footer", "aside", "main", "nav", "hr", "figcaption", "address",
        "tbody", "thead", "center",
    }
)  # fmt: skip


def one_line(text: str) -> str:
    """Return ``text`` on one line: white space collapsed, control and invisible characters gone, Unicode composed."""
    if text.isascii():
        return " ".join(CONTROL_CHARACTERS.sub(" ", text).split())
    visible = _INVISIBLE.sub("", CONTROL_CHARACTERS.sub(" ", text))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", visible)).strip()


def plain_line(markup: str) -> str:
    """Return the text of a title or a name: tags dropped, entities resolved (twice, as many feeds escape twice)."""
    if "<" not in markup and "&" not in markup:
        return one_line(markup)
    text = markup
    for _ in range(3):
        if _TAG.search(text):
            # A title may speak of "<b>" only in jest; script is dropped with what it holds.
            text = re.sub(r"(?is)<(script|style)\b.*?(?:</\1\s*>|$)", " ", text)
            text = _TAG.sub(" " if re.search(r"<(?:br|p|div)\b", text, re.IGNORECASE) else "", text)
        if not _ENTITY.search(text):
            break
        text = unescape(text)
    return one_line(text)


def paragraphs(markup: str) -> list[str]:
    """Return the paragraphs of an HTML fragment as plain text; of plain text, its lines."""
    if "<" not in markup:
        text = unescape(markup) if "&" in markup else markup
        if _TAG.search(text):  # escaped twice
            return paragraphs(text)
        return [line for line in map(one_line, text.splitlines()) if line]
    try:
        root = html.fragment_fromstring(CONTROL_CHARACTERS.sub(" ", markup), create_parent="div")
    except (etree.LxmlError, ValueError):
        return [line for line in map(plain_line, markup.splitlines()) if line]
    lines: list[str] = []
    words: list[str] = []
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _BLOCKS:
            _flush(lines, words)
        if event == "start":
            silent += tag in _SILENT
            text = element.text
        else:
            silent -= event == "end" and tag in _SILENT
            text = element.tail
        if text and not silent:
            words.append(text)
    _flush(lines, words)
    return lines


def _flush(lines: list[str], words: list[str]) -> None:
    line = one_line("".join(words))
    words.clear()
    if line:
        lines.append(line)
