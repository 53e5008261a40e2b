"""One sheet's ingredients in one language -> the names that its templates see."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, partial

from markupsafe import Markup

from handouts.composition.environment import read_asset, read_stylesheet, ticks_script
from handouts.composition.moments import Moments, Timing, moments
from handouts.composition.opening import opening_hours
from handouts.composition.passages import Passage, passage
from handouts.composition.views import PanelEntry, clinic_text, details, in_rows, in_weeks
from handouts.composition.wording import LabelSource, Wording, unparted
from handouts.languages import BASE_FAMILY, Language, language, lineage, name_fonts
from handouts.records import (
    HEADINGS,
    Approval,
    Branding,
    DayRange,
    Document,
    Face,
    Format,
    Paper,
    PrintSize,
    ReviewState,
    Schedule,
    TimelineDates,
    TranslationReview,
    Treatment,
)
from handouts.resources import Resources

_NARROW = ((0x20, 0x7E), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F))
"""Latin letters, figures and signs that Chinese has none of its own for (Unicode UAX 11, East Asian Width)."""
_PICTOGRAM_INK = "#1a1a1a"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ingredients:
    """Everything of one sheet. `source` is the document before translation, in its own language, for the staff.

    `reviewed` and `approval` say who has reviewed and approved that document as it is. `whole_text` is the document's
    whole text in this language, and the clinic's own periods for it: `document` is what applies to one treatment.
    """

    branding: Branding
    treatment: Treatment
    document: Document
    source: Document
    whole_text: tuple[str, ...]
    review: TranslationReview
    reviewed: bool
    approval: Approval | None
    overdue: bool
    schedule: Schedule
    timeline: Mapping[DayRange, TimelineDates]
    labels: LabelSource
    english_labels: LabelSource
    paper: Paper
    print_size: PrintSize
    format: Format
    sample: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Personal:
    """What of the names that a template sees is the patient's own."""

    details: tuple[PanelEntry, ...]
    note: Passage
    moments: Moments
    practitioner: Passage


class Side:
    """One language of a sheet: gathers what the templates see."""

    def __init__(self, ingredients: Ingredients, resources: Resources) -> None:
        self.ingredients = ingredients
        self._resources = resources
        self._read_asset = cache(partial(read_asset, resources))
        branding = ingredients.branding
        self.language: Language = language(ingredients.document.language, branding.country, branding.calendar)
        self.wording = clinic_wording(branding, self.language)

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Return the font families of the sheet in order: the clinic's, the language's, and those for names."""
        branding = self.ingredients.branding
        base = (branding.typeface, BASE_FAMILY)
        own = self.language.fonts
        wanted = (*own, *base) if self.language.fonts_first else (*base, *own)
        if branding.faces:
            wanted = (self.faces[0].family, *(family for family in wanted if family != branding.typeface))
        return tuple(dict.fromkeys((*wanted, *name_fonts())))

    @cached_property
    def faces(self) -> tuple[Face, ...]:
        """Return the clinic's own font files: beside Chinese they draw letters and figures, and no sign of both."""
        faces = self.ingredients.branding.faces
        if not self.language.fonts_first:
            return faces
        return tuple(replace(face, family=f"{face.family} Latin", letters=_NARROW) for face in faces)

    @cached_property
    def drafts(self) -> dict[str, bool]:
        """Return which reviews and approvals are missing."""
        given = self.ingredients
        approved = given.approval is not None
        return drafts(given.review, reviewed=given.reviewed, approved=approved, overdue=given.overdue)

    def words_of_all_patients(self, is_on_sheets: Callable[[str], bool]) -> tuple[bytes, ...]:
        """Return the words that every patient of this clinic, document and language gets, for the fingerprint.

        `is_on_sheets` says of a label whether it stands on sheets. The logo counts: most hold the clinic's name.
        """
        given = self.ingredients
        labels = (
            sorted((label, text) for label, text in source.texts.items() if is_on_sheets(label))
            for source in (given.labels, given.english_labels)
        )
        signed = (self.drafts, given.approval.by if given.approval else "")
        clinic = clinic_names(given.branding, self.language, given.labels)
        words = (given.whole_text, given.source.title.text, clinic, signed)
        return tuple(repr(part).encode() for part in (*words, *labels))

    def _stylesheet(self, name: str) -> Markup:
        return Markup(read_stylesheet(self._resources, name))  # noqa: S704 - the clinic's own file, no patient's value

    def _asset(self, name: object = None, ink: str = "") -> str:
        """Return a picture as a data URI; with `ink`, what is drawn in #1a1a1a has that colour."""
        media, data = self._read_asset(name)
        drawn = data.replace(_PICTOGRAM_INK.encode(), ink.encode()) if ink else data
        return f"data:{media};base64,{base64.b64encode(drawn).decode()}"

    def _font_faces(self) -> Markup:
        """Return the rules that bring the clinic's own font files to a browser; a PDF has them by itself."""
        faces = self.faces if self.ingredients.format is Format.HTML else ()
        return Markup("\n").join(map(_font_face, faces))

    def _pictogram(self, name: str, ink: str) -> str:
        return self._asset(f"handout/pictograms/{name}.svg", ink)

    def context(self, personal: Personal | None = None) -> dict[str, object]:
        """Return every name that a template can use: docs/reference/templates.md.

        `personal` stands in the place of what is the patient's own.
        """
        given, tag = self.ingredients, self.language
        branding, document, approval = given.branding, given.document, given.approval
        own = personal or self.personal()
        return {
            "wording": self.wording,
            "_": given.labels.gettext,
            "gettext": given.labels.gettext,
            "english": given.english_labels.gettext,
            "stylesheet": self._stylesheet,
            "asset": self._asset,
            "pictogram": self._pictogram,
            "language": language_names(tag),
            "paper": str(given.paper),
            "on_screen": given.format is Format.HTML,
            "ticks": Markup(ticks_script(self._resources)) if given.format is Format.HTML else "",  # noqa: S704 - ours
            "large": given.print_size is PrintSize.LARGE,
            "sample": given.sample,
            "families": ", ".join(f'"{family}"' for family in self.families) + ", sans-serif",
            "font_faces": self._font_faces(),
            "colours": branding.colours,
            "look": branding.look,
            "clinic": clinic_names(branding, tag, given.labels),
            "document": {
                "id": document.id,
                "version": document.version,
                "title": unparted(document.title.text),
                "summary": unparted(document.summary.text),
                "source_title": unparted(given.source.title.text),
                "source_language": language_names(language(given.source.language, branding.country, branding.calendar)),
                "due": self.wording.full_date(document.review.due),
                "iso_due": document.review.due.isoformat(),
            },
            "blocks": document.blocks,
            "headings": HEADINGS,
            "details": own.details,
            "detail_rows": in_rows(own.details),
            "note": own.note,
            "avoid": own.moments.avoid,
            "keep_up": own.moments.keep_up,
            "planner": self._planner(own.moments.planner_days),
            "days": self._days,
            "dates": lambda days: own.moments.dates.get(days, ""),
            "practitioner": own.practitioner,
            "approved_by": passage(approval.by, tag) if approval else Passage(text=""),
        }

    def personal(self) -> Personal:
        """Return what differs from patient to patient."""
        given, tag = self.ingredients, self.language
        treatment, typed_in = given.treatment, given.treatment.note_language
        timing = Timing(
            schedule=given.schedule,
            timeline=given.timeline,
            labels=given.labels,
            wording=self.wording,
            language=tag,
            typed_in=typed_in,
            has_planner=given.document.planner is not None,
        )
        return Personal(
            details=tuple(
                entry
                for entry in details(treatment, given.document, self.wording, tag)
                if entry.name not in given.branding.look.hidden
            ),
            note=passage(treatment.note, tag, typed_in),
            moments=moments(timing),
            practitioner=passage(treatment.practitioner, tag),
        )

    def _planner(self, days: Sequence[Mapping[str, object]]) -> dict[str, object] | None:
        document = self.ingredients.document
        if document.planner is None:
            return None
        weeks = in_weeks(days)
        return {
            "days": tuple(day for week in weeks for day in week),
            "weeks": weeks,
            "tasks": tuple(unparted(task.text) for task in document.planner.tasks),
        }

    def _days(self, days: DayRange) -> str:
        gettext = self.ingredients.labels.gettext
        if days.first == days.last == 0:
            return gettext("Treatment day:")
        if days.first == days.last:
            return gettext("Day {day}:").format(day=days.first)
        return gettext("Days {first} to {last}:").format(first=days.first, last=days.last)


def _font_face(face: Face) -> Markup:
    ranges = ", ".join(f"U+{first:X}-{last:X}" for first, last in face.letters)
    return Markup('@font-face {{ font-family: "{}"; font-weight: {};{} src: url({}); }}').format(
        face.family,
        face.weight,
        f" unicode-range: {ranges};" if ranges else "",
        f"data:font/woff2;base64,{base64.b64encode(face.on_screen).decode()}",
    )


class Same:
    """A thing that is equal to itself alone, and cheap to compare."""

    __slots__ = ("thing",)

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def clinic_wording(branding: Branding, tag: Language) -> Wording:
    """Return the words of one language, with what a document's placeholders stand for."""
    return _clinic_wording(Same(branding), tag)


@lru_cache(maxsize=64)
def _clinic_wording(same: Same, tag: Language) -> Wording:
    branding = same.thing
    assert isinstance(branding, Branding)
    placeholders = {
        "clinic": clinic_text(branding, "name", tag).text,
        "telephone": branding.telephone.national,
        "emergency_number": branding.emergency.number,
    }
    numbers = {
        "telephone": f"tel:{branding.telephone.e164}",
        "emergency_number": f"tel:{branding.emergency.number}",
    }
    return Wording(tag, placeholders, numbers)


def language_names(tag: Language) -> dict[str, object]:
    """Return what templates see of a language."""
    return {
        "tag": tag.tag,
        "direction": tag.direction,
        "own_name": tag.own_name,
        "english_name": tag.english_name,
        "line_height": tag.line_height,
        "is_english": tag.tag == "en",
    }


def clinic_names(branding: Branding, tag: Language, labels: LabelSource) -> dict[str, object]:
    """Return what templates see of the clinic."""
    texts = ("name", "address", "urgent_care", "regulator", "footer")
    return {
        **{key: clinic_text(branding, key, tag) for key in texts},
        "opening_hours": opening_hours(branding, tag, clinic_wording(branding, tag), labels.gettext),
        "logo": branding.logo,
        "telephone": branding.telephone,
        "out_of_hours": branding.out_of_hours,
        "email": branding.email,
        "website": branding.website,
        "emergency_number": branding.emergency.number,
        "emergency_wording": next(filter(None, map(branding.emergency.wording.get, lineage(tag.tag))), ""),
    }


def drafts(review: TranslationReview, *, reviewed: bool, approved: bool, overdue: bool) -> dict[str, bool]:
    """Return which reviews and approvals are missing."""
    return {
        "document": not reviewed,
        "translation": review.state is not ReviewState.REVIEWED,
        "approval": not approved,
        "overdue": overdue,
    }
