"""Composed sheets, one after another -> PDFs and their warnings, or every Problem of a page."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from logging import LogRecord
from typing import Any
from xml.etree.ElementTree import Element

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.page_tree import page_tree, styles
from handouts.pictures import MAXIMUM_PIXELS
from handouts.records import ComposedHandout, ComposedShape, Format, Paper, TypesetHandout
from handouts.typesetting.broken_once import break_once
from handouts.typesetting.compact_fonts import make_compact
from handouts.typesetting.complaints import ONE_AT_A_TIME, Complaints, collecting_complaints
from handouts.typesetting.engine import (
    CSS,
    HTML,
    FatalURLFetchingError,
    FontConfiguration,
    NoFetcher,
    add_face,
    can_be_scrolled,
    has_fonts,
    text_boxes,
)
from handouts.typesetting.font_files import keep_files_once
from handouts.typesetting.fonts import font_problems
from handouts.typesetting.legibility import legibility
from handouts.typesetting.once_per_style import work_out_once
from handouts.typesetting.page_numbers import Guesses, guess_pages
from handouts.typesetting.personalising import (
    Drawn,
    NoField,
    Personaliser,
    drawn,
    have_letters,
    identified,
    places,
    watch,
    watching,
)
from handouts.typesetting.pictograms import draw_in_place
from handouts.typesetting.screen import meet_conditions, passed_over, unjudged
from handouts.typesetting.structure import forget_structure, make_accessible, structure_problems
from handouts.typesetting.text_layer import make_exact
from handouts.typesetting.unset_properties import pass_over_unset
from handouts.typesetting.whole_words import keep_words_whole

VARIANT = "pdf/ua-1"
_PAPERS = {Paper.A4: (210, 297), Paper.LETTER: (215.9, 279.4)}
_DRAWN_BY_BROWSERS = "input { background: #fff !important }"
"""What a box to tick lies on, it covers."""
Finisher = Callable[[Any, Any], None]
"""Called with WeasyPrint's document and the PDF that is about to be written."""
_MOST_STYLES = 3 * 64
"""Stylesheets that are kept parsed: a page has three."""
_MILLIMETRES = 25.4 / 96
"""Millimetres in a CSS pixel."""


class Typesetter:
    """Typesets sheets one after another; keep one for as long as many sheets are made, since its fonts stay loaded."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()
        if not has_fonts(self._fonts):
            raise InputError.of(Kind.MACHINE, Code.NO_FONTS, "fontconfig")
        self._fetcher = NoFetcher()
        self._pictures: dict[str, object] = {}
        self._guesses = Guesses()
        self._styles: dict[str, tuple[CSS, tuple[LogRecord, ...]]] = {}

    def warm(self) -> None:
        """Load what the picture of a page is looked at with, before there is one."""
        from handouts.typesetting import picture  # noqa: F401, PLC0415 - to have it loaded

    def _style(self, stylesheets: Iterable[str], complaints: Complaints) -> list[CSS]:
        """Return the parsed style; what is complained of has the line in all of it."""
        parsed, before = [], ""
        for stylesheet in stylesheets:
            parsed.append(self._parsed(before + stylesheet, complaints))
            before += "\n" * (stylesheet.count("\n") + 1)
        return parsed

    def _parsed(self, stylesheet: str, complaints: Complaints) -> CSS:
        """Return a stylesheet that many sheets share; the complaints about it are repeated for each of them."""
        if stylesheet not in self._styles:
            before = len(complaints.records)
            css = CSS(string=stylesheet, url_fetcher=self._fetcher, font_config=self._fonts)
            if len(self._styles) >= _MOST_STYLES:
                self._styles.clear()
            self._styles[stylesheet] = (css, tuple(complaints.records[before:]))
            return css
        css, blamed = self._styles[stylesheet]
        complaints.records += blamed
        return css

    def typeset(
        self, composed: ComposedHandout, *, is_known: bool = False
    ) -> tuple[TypesetHandout, tuple[Problem, ...]]:
        """Return the PDF and its warnings; raise InputError where the pages would not show what they must.

        `is_known` says that a sheet of this look has passed: then only what differs from patient to patient is looked
        for, and no picture is made.
        """
        return self._typeset(composed, is_known=is_known)

    def typeset_as_proof(
        self, composed: ComposedHandout, *, is_known: bool = False
    ) -> tuple[TypesetHandout, tuple[Problem, ...], Drawn]:
        """Return what `typeset` does, and what was drawn, for a Personaliser to be held against."""
        found: list[Drawn] = []
        typeset, problems = self._typeset(
            composed, is_known=is_known, finisher=lambda document, pdf: found.append(drawn(document, pdf))
        )
        return typeset, problems, found[0]

    def _typeset(
        self, composed: ComposedHandout, *, is_known: bool, finisher: Finisher | None = None
    ) -> tuple[TypesetHandout, tuple[Problem, ...]]:
        with ONE_AT_A_TIME:
            document, pdf, problems = self._laid_out(composed, finisher=finisher)
            if _may_be_hidden(errors_of(problems)):
                problems = [*legibility(document, None if is_known else pdf, composed), *problems]
        if errors_of(problems):
            raise InputError(problems)
        pages = len(document.pages)
        if composed.maximum_pages is not None and pages > composed.maximum_pages:
            values = {"pages": str(pages), "document": composed.stem, "maximum": str(composed.maximum_pages)}
            problems.append(Problem.warning(Kind.TYPESETTING, Code.TOO_MANY_PAGES, "the sheet", **values))
        return TypesetHandout(pdf=identified(pdf, composed.identity), pages=pages), tuple(problems)

    def look_at(self, composed: ComposedHandout) -> None:
        """Lay a sheet that is to be read on a screen out on paper, to judge its look as that of a PDF.

        Raises InputError where something would not be seen, or where the style has what WeasyPrint passes over and a
        browser could hide a text with, for sheets on any screen.
        """
        page = page_tree(composed.html)
        names = tuple(unjudged(page))
        has_conditions = meet_conditions(page)
        for met in (True, False) if has_conditions else (False,):
            document, pdf, problems = self._laid_out(composed, conditions_met=met)
            errors = [*errors_of(problems)]
            if met == has_conditions:
                held = () if can_be_scrolled(document) else ("overflow",)
                errors += _unjudged((*names, *held, *passed_over(problems)), composed)
            if _may_be_hidden(errors):
                with ONE_AT_A_TIME:
                    errors = [*legibility(document, pdf, composed), *errors]
            if errors:
                raise InputError(errors)

    def personaliser(self, shape: ComposedShape) -> Personaliser:
        """Return what writes the sheets of a shape.

        Raises InputError where the page cannot be laid out, and where a value has no field of its own.
        """
        made: list[Personaliser] = []
        page = shape.page
        try:
            with collecting_complaints() as complaints, self._faults(page):
                document = self._document(page, complaints)
                found = places(document, shape.probes)
                have_letters(document, found, shape.samples)
                with watching(found) as cuts:

                    def finish(document: Any, pdf: Any) -> None:
                        made.append(Personaliser(document, pdf, cuts, page.families))

                    document.write_pdf(pdf_variant=VARIANT, finisher=finish)
        except NoField as fault:
            source, line = shape.printed[fault.value] or (page.template_source, None)
            values = {"what": fault.what, "style": fault.style}
            raise InputError.of(Kind.TEMPLATE, fault.code, source, line, **values) from None
        return made[0]

    def _laid_out(
        self, composed: ComposedHandout, *, conditions_met: bool = False, finisher: Finisher | None = None
    ) -> tuple[Any, bytes, list[Problem]]:
        """Return WeasyPrint's document, the PDF, and what is wrong with fonts, addresses and the paper's edges.

        `conditions_met` says that what the style asks of a screen is as on some screen it is.
        """
        with collecting_complaints() as complaints:
            with self._faults(composed):
                document = self._document(composed, complaints, conditions_met=conditions_met)
                pdf = document.write_pdf(pdf_variant=VARIANT, finisher=finisher)
            refused = _refused(self._fetcher, composed)
            problems = [*refused, *font_problems(document, composed), *_off_the_page(document)]
            if composed.format is not Format.HTML:
                problems += (*structure_problems(composed.template_source), *_other_paper(document, composed))
        return document, pdf, [*problems, *complaints.problems()]

    def _document(self, composed: ComposedHandout, complaints: Complaints, *, conditions_met: bool = False) -> Any:
        """Return WeasyPrint's document of a page."""
        on_screen = composed.format is Format.HTML
        self._fetcher.refused.clear()
        for face in composed.faces:
            add_face(self._fonts, face)
        forget_structure()
        html = HTML(string=composed.html, url_fetcher=self._fetcher, media_type="screen" if on_screen else "print")
        if conditions_met:
            meet_conditions(html.etree_element)
        keep_words_whole(html.etree_element)
        if not on_screen:
            _leave_to_stylesheet(html.etree_element)
        form = (composed.format, composed.paper, composed.smallest, conditions_met)
        parts = frozenset(text.name for text in composed.contents)
        is_english = composed.language == "en"
        # As the last in this language; where there was none, as the last translation that has the same parts.
        kinds = ((composed.stem, *form), (composed.document, is_english, parts, *form))
        self._guesses.use(kinds, is_english=is_english)
        document = html.render(
            font_config=self._fonts,
            stylesheets=self._style((_DRAWN_BY_BROWSERS,) if on_screen else composed.stylesheets, complaints),
            cache=self._pictures,
            presentational_hints=on_screen,
        )
        self._guesses.learn(kinds, document)
        return document

    @contextmanager
    def _faults(self, composed: ComposedHandout) -> Iterator[None]:
        """Turn what goes wrong inside WeasyPrint into Problems of the clinic's templates, if it has any."""
        try:
            yield
        except FatalURLFetchingError:
            raise InputError(_refused(self._fetcher, composed)) from None
        except (RecursionError, ArithmeticError, MemoryError):
            where = composed.template_source if composed.own_files else "the sheet"
            raise InputError.of(Kind.TYPESETTING, Code.PAGE_TOO_LARGE, where) from None
        except NoField:
            raise
        except Exception as error:
            if not composed.own_files:
                raise  # Our own fault, not a template's.
            raise InputError([_not_laid_out(error, composed)]) from error


def _leave_to_stylesheet(page: Element) -> None:
    """Empty a page's <style> elements: what they hold is parsed once for all sheets that share it."""
    for style in styles(page):
        style.text = ""


def _refused(fetcher: NoFetcher, composed: ComposedHandout) -> list[Problem]:
    """Return a Problem for each address by its scheme alone: the rest could tell who the patient is."""
    schemes = dict.fromkeys(url.partition(":")[0] for url in fetcher.refused)
    source = composed.template_source
    if fetcher.too_many_pixels:
        return [Problem.of(Kind.TEMPLATE, Code.ASSET_TOO_MANY_PIXELS, source, maximum=str(MAXIMUM_PIXELS))]
    return [Problem.of(Kind.TEMPLATE, Code.ADDRESS_REFUSED, source, address=f"{scheme}:…") for scheme in schemes]


def _not_laid_out(error: Exception, composed: ComposedHandout) -> Problem:
    """Return the Problem for a page on which WeasyPrint itself failed."""
    reason = type(error).__name__
    return Problem.of(Kind.TEMPLATE, Code.PAGE_NOT_LAID_OUT, composed.template_source, reason=reason)


def _may_be_hidden(problems: Iterable[Problem]) -> bool:
    """Return whether all that is wrong are links that lead nowhere: a style may hide what they lead to."""
    return all(problem.code == Code.LINK_NOWHERE for problem in problems)


def _unjudged(names: tuple[str, ...], composed: ComposedHandout) -> Iterator[Problem]:
    if names:
        yield Problem.of(
            Kind.TEMPLATE, Code.STYLE_NOT_JUDGED, composed.template_source, names=", ".join(dict.fromkeys(names))
        )


def _other_paper(document: Any, composed: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each page that a style sets for other paper: a printer would shrink it."""
    wanted = _PAPERS[composed.paper]
    for number, page in enumerate(document.pages, start=1):
        found = (page.width * _MILLIMETRES, page.height * _MILLIMETRES)
        if any(abs(one - other) > 1 for one, other in zip(found, wanted, strict=True)):
            size = " × ".join(f"{round(side, 0):.4g}" for side in found)
            values = {"page": str(number), "size": size, "paper": str(composed.paper)}
            yield Problem.of(Kind.TYPESETTING, Code.OTHER_PAPER, "the sheet", **values)


def _off_the_page(document: Any) -> Iterator[Problem]:
    """Yield a Problem where text stands outside the paper: part of it would not be printed."""
    for number, page in enumerate(document.pages, start=1):
        if not all(_is_inside(box, page) for *_, box in text_boxes(page)):
            yield Problem.of(Kind.TYPESETTING, Code.OFF_THE_PAGE, "the sheet", page=str(number))


def _is_inside(box: Any, page: Any) -> bool:
    right, bottom = box.position_x + box.width, box.position_y + box.height
    return bool(box.position_x >= -1 and box.position_y >= -1 and right <= page.width + 1 and bottom <= page.height + 1)


break_once()
make_accessible()
make_exact()
make_compact()
keep_files_once()
draw_in_place()
guess_pages()
pass_over_unset()
work_out_once()
watch()
