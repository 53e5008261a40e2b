"""What a program asks for -> a sheet, or what the library offers, made by a press in a process of the workroom."""

from dataclasses import dataclass, replace
from datetime import date

from handouts.errors import Gathering, each_once
from handouts.interfaces.words import as_data
from handouts.press import Offered, Press
from handouts.records import Job, Sheet
from handouts.treatment import FIELDS


@dataclass(frozen=True, kw_only=True, slots=True)
class MakeSheet:
    """Makes the one sheet of a job in one language or two, laid out by itself.

    So the same job gives the same bytes, whichever process makes it and whatever it made before.
    """

    job: Job

    def __call__(self, press: Press) -> Sheet:
        """Return the sheet with its warnings; raise InputError with every Problem."""
        gathering = Gathering()
        composed, warnings = press.compose(self.job)
        (sheet,) = press.typeset(composed, self.job, gathering)
        return replace(sheet, problems=each_once((*warnings, *gathering.problems)))


@dataclass(frozen=True, kw_only=True, slots=True)
class TellDocuments:
    """Tells what can be had of the library, and which details a treatment may have."""

    today: date

    def __call__(self, press: Press) -> dict[str, object]:
        """Return it for a program to read; faulty documents are left out, and the problems say why."""
        offers, problems = press.offered(self.today)
        return {
            "documents": [_document(offer) for offer in offers],
            "fields": [
                {
                    "path": field.path,
                    "kind": str(field.kind),
                    "required": field.required,
                    "repeated": field.repeated,
                    "help": field.help,
                }
                for field in FIELDS
            ],
            "problems": [as_data(problem) for problem in problems],
        }


def _document(offer: Offered) -> dict[str, object]:
    """Return a document, its languages, and the names that its treatments may use, in its own language."""
    text = offer.document
    products = {product for condition in text.conditions.values() for product in condition.products}
    return {
        "id": text.id,
        "version": text.version,
        "title": text.title.text,
        "summary": text.summary.text,
        "read": str(text.read),
        "review": str(offer.review),
        "review_due": text.review.due.isoformat(),
        "languages": [{"tag": tag, "review": str(review.state)} for tag, review in offer.languages.items()],
        "procedures": {key: label.text for key, label in text.treatments.items()},
        "body_sites": {key: label.text for key, label in text.body_sites.items()},
        "products": sorted(products),
        "settings": {
            key: {
                "label": setting.label.text,
                "unit": setting.unit,
                "at_least": setting.at_least,
                "at_most": setting.at_most,
            }
            for key, setting in text.settings.items()
        },
        "waiting_periods": {
            period.id: {
                "label": period.label,
                "amount": period.duration.amount,
                "unit": str(period.duration.unit),
            }
            for period in text.waiting_periods
            if period.duration
        },
    }
