"""clinic.toml's text + an approval -> the same text with the approval after it."""

import json

from handouts.branding.clinic_file import ClinicFile
from handouts.checking import check, toml_file
from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.records import Approval


def with_approval(text: str, approval: Approval, source: str) -> str:
    """Return clinic.toml with one approval more; what stands there, comments too, stays letter by letter.

    Raises InputError where nothing can be put after it, since `approvals` is written as one list, or where the approval
    itself cannot stand in the file.
    """
    eol = "\r\n" if "\r\n" in text else "\n"
    lines = (
        "[[approvals]]",
        f"document = {json.dumps(approval.document)}",
        f"version = {json.dumps(approval.version, ensure_ascii=False)}",
        f"by = {json.dumps(approval.by, ensure_ascii=False)}",
        f"on = {approval.on.isoformat()}",
        f"fingerprint = {json.dumps(approval.fingerprint)}",
    )
    before = text if text.endswith("\n") or not text else text + eol
    signed = before + eol + "".join(line + eol for line in lines)
    read = signed.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        data, file = toml_file(read, kind=Kind.BRANDING, source=source)
    except InputError:
        raise InputError.of(Kind.BRANDING, Code.CANNOT_SIGN, source, lines=eol.join(lines)) from None
    check(ClinicFile, data, file)
    return signed
