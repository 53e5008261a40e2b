"""What a person names -> the documents and languages that are tried or shown, and no others."""

from dataclasses import dataclass
from typing import Final

from handouts import catalogues, documents
from handouts.errors import InputError
from handouts.resources import Resources


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Documents by id, and languages; () is all of them."""

    documents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def document_ids(self, resources: Resources) -> tuple[str, ...]:
        """Return the chosen documents of a library; raise InputError for each that is not there."""
        known = catalogues.document_ids(resources)
        if unknown := [name for name in self.documents if name not in known]:
            raise InputError(documents.unknown_document(name, known) for name in unknown)
        return self.documents or tuple(known)


EVERYTHING: Final = Choice()
