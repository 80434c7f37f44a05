"""Bytes to text: byte order mark, then HTTP header, then the document's own declaration, then a look at the bytes.

The order is that of the WHATWG Encoding standard, with one correction that real servers need: a claim of a single-byte
charset never fails to decode, so bytes that are valid UTF-8 with multi-byte characters are believed to be UTF-8.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

_BOMS: Final = (
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_DECLARATION: Final = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})"""
    rb"""|<meta[^>]{0,300}?charset\s*=\s*["']?([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_DECLARATION_WITHIN: Final = 4096
_HTTP_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)

# What publishers call Latin-1 is Windows-1252 (WHATWG Encoding, 4.2); likewise its siblings.
_WIDER: Final = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_FORBIDDEN: Final = frozenset({"utf-7", "hz", "idna", "punycode", "unicode_escape", "raw_unicode_escape"})
_SNIFF_BYTES: Final = 20_000
# Under this share of non-ASCII bytes a Western text is likelier than any other script that uses single bytes.
_SPARSE: Final = 0.08

# XML 1.0, section 2.2: characters that no document may hold.
CONTROL_CHARACTERS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def decode(raw: bytes, content_type: str = "") -> str:
    """Return the text of a document, without byte order mark and control characters. Never raises."""
    return CONTROL_CHARACTERS.sub("", _decoded(raw, content_type))


def _decoded(raw: bytes, content_type: str) -> str:
    for mark, charset in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(charset, errors="replace")
    wide = _wide(raw)
    if wide:  # no claim of another charset can be true
        return raw.decode(wide, errors="replace")
    utf8 = _try(raw, "utf-8")
    if utf8 is not None and not raw.isascii():
        return utf8
    for charset in _claims(raw, content_type):
        text = _try(raw, charset)
        if text is not None:
            return text
    return utf8 if utf8 is not None else raw.decode(_sniff(raw), errors="replace")


def _claims(raw: bytes, content_type: str) -> list[str]:
    names = [match.group(1) for match in _HTTP_CHARSET.finditer(content_type)]
    head = raw[:_DECLARATION_WITHIN].replace(b"\x00", b"")
    declared = _DECLARATION.search(head)
    if declared is not None:
        names.append((declared.group(1) or declared.group(2)).decode("ascii", "replace"))
    charsets = []
    for name in names:
        try:
            codec = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        # A declaration that could be read byte by byte belies UTF-16 and UTF-32, unless zero bytes stand between.
        if codec in _FORBIDDEN or (codec.startswith(("utf-16", "utf-32")) and b"\x00" not in raw[:200]):
            continue
        charsets.append(_WIDER.get(codec, codec))
    return charsets


def _try(raw: bytes, charset: str) -> str | None:
    try:
        return raw.decode(charset)
    except (UnicodeError, LookupError):
        return None


def _wide(raw: bytes) -> str:
    """UTF-16 without a mark, told by the zero bytes of its markup; "" for anything else."""
    head = raw[:400]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) <= len(head) // 8 or min(even, odd) > max(even, odd) // 4:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _sniff(raw: bytes) -> str:
    high = sum(byte >= 0x80 for byte in raw)
    letters = sum(chr(byte).isalpha() for byte in raw if byte < 0x80)
    if high <= _SPARSE * (letters + 1):
        return "cp1252"
    # Only the neighbourhood of non-ASCII bytes tells anything; markup would drown it.
    telling = b" ".join(re.findall(rb"[\x80-\xff][\x80-\xff \w'-]*", raw))[:_SNIFF_BYTES]
    guess = from_bytes(telling).best()
    return str(guess.encoding) if guess is not None else "cp1252"
