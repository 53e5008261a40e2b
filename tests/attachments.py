"""What an attachment is called in a message that came out: in any script, and in ASCII."""

from email.message import Message
from email.utils import collapse_rfc2231_value


def names_of(part: Message) -> dict[str, str]:
    """Return the names of an attachment by parameter: `filename*` in any script (RFC 2231), and the plain `filename`.

    Python's own reader takes the plain one where both are there.
    """
    field = Message()
    field["Content-Disposition"] = next(text for key, text in part.raw_items() if key.lower() == "content-disposition")
    _, *pairs = field.get_params([], header="content-disposition")
    return {
        "filename*" if isinstance(value, tuple) else "filename": collapse_rfc2231_value(value) for _, value in pairs
    }


def name_of(part: Message) -> str:
    """Return the name that a program shows which knows RFC 2231."""
    names = names_of(part)
    return names.get("filename*", names.get("filename", ""))
