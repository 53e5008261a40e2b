"""The bytes of a table -> the encoding of its text, certain or declared, or a Problem with the line."""

import io
import re

from handouts.codes import Code
from handouts.errors import InputError, Kind

ENCODINGS = (
    *("utf-8", "utf-16", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("mac-roman", "koi8-r", "gb18030", "big5", "cp932", "cp949"),
)
"""What may be declared. ISO 8859-1 is read as its superset cp1252, as browsers do (WHATWG Encoding, 4.2)."""

_SAME = {"latin-1": "cp1252", "iso-8859-1": "cp1252", "windows-1252": "cp1252", "ansi": "cp1252", "utf8": "utf-8"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"{\\rtf")
_LINE_END = re.compile("\r\n|\r|\n")


def encoding_of(data: bytes, source: str, declared: str = "") -> str:
    """Return the codec of the text; raise InputError where it is no text or its encoding is not certain.

    Certain are a byte order mark and valid UTF-8. Single-byte encodings cannot be told apart (0xB3 is ³ in Western
    Europe and ł in Poland), and a wrong letter in a name is found by nobody: they are read only where declared, and
    not where the text is UTF-8 after all.
    """
    wanted = _declared(source, declared)
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise InputError.of(Kind.TREATMENT, Code.TABLE_EMPTY, source)
    if data.startswith(_BINARY):
        raise InputError.of(Kind.TREATMENT, Code.TABLE_NOT_TEXT, source, 1)
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    if marked:
        if wanted not in ("", marked.removesuffix("-sig")):
            raise InputError.of(
                Kind.TREATMENT,
                Code.TABLE_ENCODING_CONTRADICTED,
                source,
                declared=wanted,
                found=marked.removesuffix("-sig"),
            )
        _checked(data, source, marked)
        return marked
    if wanted in ("", "utf-8"):
        _checked(data, source, "utf-8", Code.TABLE_ENCODING_NEEDED)
        return "utf-8"
    if not data.isascii() and _is_utf_8(data):
        raise InputError.of(Kind.TREATMENT, Code.TABLE_ENCODING_CONTRADICTED, source, declared=wanted, found="utf-8")
    if wanted == "utf-16":
        wanted = "utf-16-le"  # Without a mark: what Windows writes. The other order would make no known column.
    _checked(data, source, wanted)
    return wanted


def lines_of(data: bytes, encoding: str) -> io.TextIOWrapper:
    """Return the lines of a text, each with its end: LF, CR LF, or CR alone. The text is never whole in memory."""
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline="")


def _declared(source: str, name: str) -> str:
    plain = name.strip().lower().replace("_", "-")
    found = _SAME.get(plain, plain)
    if found and found not in ENCODINGS:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_ENCODING_UNKNOWN, source, known=", ".join(ENCODINGS))
    return found


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _checked(data: bytes, source: str, encoding: str, code: Code = Code.TABLE_ENCODING_WRONG) -> None:
    """Raise InputError with the first line that the encoding does not explain, or that no text has."""
    if not encoding.startswith("utf-16") and (place := data.find(b"\0")) >= 0:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_NOT_TEXT, source, _line(data[:place], encoding))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        shown = encoding.removesuffix("-sig")
        raise InputError.of(
            Kind.TREATMENT, code, source, _line(data[: error.start], encoding), encoding=shown
        ) from None
    if (place := text.find("\0")) >= 0:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_NOT_TEXT, source, len(_LINE_END.findall(text[:place])) + 1)


def _line(head: bytes, encoding: str) -> int:
    return len(_LINE_END.findall(head.decode(encoding, "ignore"))) + 1
