"""One sheet's ingredients, in one language or two -> ComposedHandout, with a fingerprint of its text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

from handouts.codes import Code
from handouts.composition.captures import captures
from handouts.composition.contents import contents
from handouts.composition.environment import MEDIA, find_template, own_files, ticks_script
from handouts.composition.fields import Fields, fields, probe_words, probed
from handouts.composition.links import wrong_links
from handouts.composition.origin import at_own_template, blamed_on_own
from handouts.composition.page_checks import dangers, losses
from handouts.composition.policy import guarded, sheet_policy
from handouts.composition.rendering import Printed, printed_now, render
from handouts.composition.side import Ingredients, Side
from handouts.composition.stylesheets import own_fonts, resolved
from handouts.composition.views import each_language, in_columns
from handouts.errors import InputError, Kind, Problem
from handouts.page_tree import styles, text_of
from handouts.records import HEADINGS, ComposedHandout, ComposedShape, Format, PageText, PrintSize
from handouts.resources import Resources, digest, read_bytes

SHEET = "handout/sheet.html"
OF_NO_SHEET = ("email", "desk", "preview", "gallery")
"""Folders of templates of which no sheet is made: a change there is none of a sheet's look."""
MAXIMUM_PAGES = 2
"""A sheet fits one piece of paper, two sides, in one language at standard size (docs/explanation/facts.md)."""
MAXIMUM_PAGES_TRANSLATED = 3
"""What is said in two sides in the language it was written in may take a third in another: texts grow by a fifth and
more, and letters do not shrink below what can be read."""
SMALLEST = {PrintSize.STANDARD: 12.0, PrintSize.LARGE: 18.0}
"""Points. RNIB's clear print guidance asks for 12 at least, UKAAF G003 for 18 in large print."""

_HEADINGS = tuple(heading.label for heading in HEADINGS.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The content of every file that a sheet's look and fixed words come from, and which of them are the clinic's.

    `markup` is the text of those that make the page, `mail` that of the email's templates.
    """

    contents: tuple[bytes, ...]
    own_files: tuple[str, ...]
    markup: str
    mail: str

    @property
    def source(self) -> str:
        """Return the files that a fault of the whole page comes from, as a Problem names its source."""
        return ", ".join(self.own_files) or "templates"

    def has(self, label: str) -> bool:
        """Return whether a label can stand on a sheet: no template of sheets names those that are the email's alone."""
        return label in self.markup or label in _HEADINGS or label not in self.mail


def compose(languages: Sequence[Ingredients], resources: Resources, templates: Look) -> ComposedHandout:
    """Return the sheet as HTML: of one language, or of two side by side, the first one leading.

    `templates` is look(resources), which is the same for many sheets. Raises InputError for a template that cannot be
    read or used, with its file and line.
    """
    sides = _sides(languages, resources)
    names = _names(sides, tuple(side.context() for side in sides))
    with blamed_on_own(templates.source):
        rendered = _rendered(sides, names, resources, templates)
        shown = contents(sides, names, resources, rendered.page)
        problems = (
            *dangers(rendered.page, rendered.script, templates.markup),
            *wrong_links(rendered.page, languages[0].branding, [one.document for one in languages], templates.markup),
            *losses(rendered.page, shown),
        )
        if problems:
            raise InputError(at_own_template(problem, "", resources) for problem in problems)
    return _identified(_composed(sides, rendered, templates), sides, rendered.page, shown)


def compose_shape(languages: Sequence[Ingredients], resources: Resources, templates: Look) -> ComposedShape:
    """Return the page of all sheets of a shape, of which this is one: a probe stands in the place of each value.

    Raises InputError, with the template's file and line, where a template does anything with a value but print it. The
    page is not judged as `compose` judges one: a sheet of the shape was.
    """
    sides = _sides(languages, resources)
    count = sum(1 for own in map(fields, ((side,) for side in sides)) for _ in own.values)
    words = probe_words(count)
    taken, printed = iter(words), _Printings(resources)
    names = _names(sides, tuple(side.context(probed(side, taken, printed.note)) for side in sides))
    with blamed_on_own(templates.source):
        rendered = _rendered(sides, names, resources, templates)
        problems = (*captures(resources), *_hidden(rendered.page, words, printed))
        if problems:
            raise InputError(problems)
    samples = tuple(dict.fromkeys(sample for side in sides for sample in side.wording.sample_dates()))
    return ComposedShape(
        page=_composed(sides, rendered, templates),
        probes=words,
        printed=tuple(map(printed.place, words)),
        samples=samples,
    )


class _Printings:
    """Where the clinic's own templates print each probe."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._found: dict[str, set[Printed]] = {}

    def note(self, word: str) -> None:
        """Note that a probe is being printed."""
        place = printed_now(self._resources)
        if place is not None:
            self._found.setdefault(word, set()).add(place)

    def place(self, word: str) -> tuple[str, int] | None:
        """Return the file and line that print a probe, or None where there is none, or which one is not known."""
        found = self._found.get(word, set())
        places = [place for place in found if place.itself] or [*found]
        return (places[0].source, places[0].line) if len(places) == 1 else None


def _hidden(page: Element, probes: Sequence[str], printed: _Printings) -> Iterator[Problem]:
    """Yield a Problem where a probe stands in an attribute, a title or a style: no field of the page's shows it."""
    any_probe = re.compile("|".join(map(re.escape, probes)) or "(?!)")
    head = "".join(page[0].itertext()) if len(page) else ""
    texts = (head, *(value for element in page.iter() for value in element.attrib.values()))
    for word in dict.fromkeys(word for text in texts for word in any_probe.findall(text)):
        source, line = printed.place(word) or ("templates", None)
        yield Problem.of(Kind.TEMPLATE, Code.VALUE_USED, source, line)


def fields_of(languages: Sequence[Ingredients], resources: Resources) -> Fields:
    """Return what of a sheet is the patient's own; nothing is composed."""
    return fields(_sides(languages, resources))


def _sides(languages: Sequence[Ingredients], resources: Resources) -> tuple[Side, ...]:
    return tuple(Side(ingredients, resources) for ingredients in languages)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rendered:
    """A page that a browser may open, its tree without the policy, and the script that may run in it."""

    html: str
    page: Element
    script: str
    fingerprint: str


def _rendered(sides: Sequence[Side], names: Mapping[str, object], resources: Resources, templates: Look) -> _Rendered:
    fingerprint = _fingerprint(sides, templates)
    script = ticks_script(resources) if sides[0].ingredients.format is Format.HTML else ""
    made = render(SHEET, {**names, "fingerprint": fingerprint}, resources)
    html, page = guarded(made, partial(sheet_policy, script=script))
    return _Rendered(html=html, page=page, script=script, fingerprint=fingerprint)


def _maximum_pages(side: Side) -> int:
    given = side.ingredients
    return MAXIMUM_PAGES if given.document.language == given.source.language else MAXIMUM_PAGES_TRANSLATED


def _composed(sides: Sequence[Side], rendered: _Rendered, templates: Look) -> ComposedHandout:
    """Return a page without what tells one sheet from another."""
    first = sides[0].ingredients
    written = tuple(map(text_of, styles(rendered.page)))
    style = "\n".join(written)
    faces = sides[0].faces
    own_families = own_fonts(style) | {face.family for face in faces}
    large = first.print_size is PrintSize.LARGE
    tag = "+".join(side.language.tag for side in sides)
    return ComposedHandout(
        html=rendered.html,
        stylesheets=resolved(written) if first.format is Format.PDF else (),
        stem=f"{first.document.id}-{tag}{'-large' if large else ''}{'-sample' if first.sample else ''}",
        document=first.document.id,
        version=first.document.version,
        language=tag,
        fingerprint=rendered.fingerprint,
        typeface="" if sides[0].language.fonts_first else first.branding.typeface,
        faces=faces if first.format is Format.PDF else (),
        families=frozenset(family for side in sides for family in side.families) | own_families,
        own_families=own_families,
        maximum_pages=None if large or len(sides) > 1 or first.sample else _maximum_pages(sides[0]),
        format=first.format,
        paper=first.paper,
        contents=(),
        smallest=SMALLEST[first.print_size],
        look="",
        own_files=templates.own_files,
        fixed="",
        identity="",
    )


def _identified(
    page: ComposedHandout, sides: Sequence[Side], tree: Element, shown: tuple[PageText, ...]
) -> ComposedHandout:
    """Return a page as one patient's sheet: with what must be seen on it, and what tells it from any other."""
    own = (page.document, page.version, page.language, page.paper, sides[0].ingredients.print_size, page.fingerprint)
    fixed = digest((*map(str.encode, own), *(text.text.encode() for text in shown if not text.varies)))
    return replace(
        page,
        contents=shown,
        look=_skeleton(tree, page.stylesheet, shown),
        fixed=fixed,
        identity=identity(fixed, fields(sides).values),
    )


def identity(fixed: str, values: Sequence[str]) -> str:
    """Return the identity of a sheet that says what `fixed` is the digest of, and these values of the patient."""
    return digest((fixed.encode(), repr(tuple(values)).encode()))[:32]


def _names(sides: Sequence[Side], names: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return every name that the templates see: those of the first language, and of each one in `sides`.

    A review that is missing in one language is missing for the sheet. Two languages leave no room for columns of
    blocks.
    """
    blocks = tuple(side.ingredients.document.blocks for side in sides)
    return {
        **names[0],
        "sides": names,
        "rows": in_columns(blocks[0]) if len(sides) == 1 else tuple(((block,),) for block in blocks[0]),
        "each_language": each_language(blocks),
        "drafts": {what: any(side.drafts[what] for side in sides) for what in sides[0].drafts},
    }


def look(resources: Resources) -> Look:
    """Return the templates as they are now."""
    names = resources.names("templates", "**/*")
    sheets = tuple(name for name in names if name.partition("/")[0] not in OF_NO_SHEET)
    found = tuple(path for path in (find_template(resources, name) for name in sheets) if path is not None)
    contents = tuple(_content(path, resources) for path in found)
    return Look(
        contents=contents,
        own_files=own_files(found, resources),
        markup=_text(data for path, data in zip(found, contents, strict=True) if path.suffix not in MEDIA),
        mail=_text(
            _content(path, resources)
            for path in (find_template(resources, name) for name in names if name.startswith("email/"))
            if path is not None
        ),
    )


def _content(path: Path, resources: Resources) -> bytes:
    return read_bytes(path, kind=Kind.TEMPLATE, source=resources.display(path))


def _text(templates: Iterable[bytes]) -> str:
    return "\n".join(template.decode(errors="replace") for template in templates)


def _skeleton(page: Element, stylesheet: str, shown: Sequence[PageText]) -> str:
    """Return a digest of the page without the text that differs from patient to patient.

    What stands in an attribute is part of it: a style can choose by that.
    """
    values = {text.text for text in shown if text.varies}
    varying = re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))
    parts = (
        repr((_tag(element), sorted(element.attrib.items()), len(element), *_without(varying, element)))
        for element in page.iter()
    )
    return digest((*map(str.encode, parts), stylesheet.encode()))


def _tag(element: Element) -> str:
    """Return the element's name, or "" for a comment."""
    return element.tag if isinstance(element.tag, str) else ""


def _without(varying: re.Pattern[str], element: Element) -> Iterator[str]:
    for text in (element.text, element.tail):
        yield varying.sub("", text or "")


def _fingerprint(sides: Sequence[Side], templates: Look) -> str:
    """Return eight hex digits that tell this text from any other: document, labels, language, clinic, templates.

    Nothing of the patient goes into it: all sheets of one clinic, document and language share it.
    """
    words = (part for side in sides for part in side.words_of_all_patients(templates.has))
    return digest((*words, *map(str.encode, _HEADINGS), *templates.contents))[:8]
