"""`handouts list` and `handouts show`: what the library holds, as a table or a page of text."""

import json
import textwrap

import click

from handouts import documents
from handouts.catalogues import document_ids
from handouts.inline import without_marks
from handouts.interfaces.clinic_option import clinic_option, own_clinic
from handouts.press import Texts, tags_meant
from handouts.records import Block, DayRange, Document, ReviewState
from handouts.resources import Resources

_WIDTH = 88


def _resources(clinic: str | None) -> Resources:
    return Resources(clinic=own_clinic(clinic))


def _review(document: Document) -> str:
    """Return in words who has reviewed a document; it is the source, not a translation."""
    state, by = documents.review_state(document), document.review.by
    if state is ReviewState.REVIEWED:
        return f"reviewed by {by}"
    return f"draft, changed since {by} reviewed it" if state is ReviewState.OUTDATED else "draft, not reviewed"


@click.command("list", short_help="List the documents.")
@clinic_option()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def list_command(clinic: str | None, as_json: bool) -> None:
    """List the documents: version, languages, review.

    \b
    Example:
      handouts list --clinic my-clinic
    """
    resources = _resources(clinic)
    texts = Texts(resources)
    rows = []
    for identifier in document_ids(resources):
        document = documents.load(identifier, resources)
        rows.append(
            {
                "id": document.id,
                "version": document.version,
                "title": document.title.text,
                "languages": list(texts.languages_of(document)),
                "review": _review(document),
                "review_due": document.review.due.isoformat(),
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['id']} {row['version']}: {row['title']}")
        click.echo(f"  languages: {', '.join(row['languages'])}")
        click.echo(f"  {row['review']}; review due {row['review_due']}")


@click.command("show", short_help="Show a document's text and data.")
@click.argument("document")
@clinic_option()
@click.option("--language", metavar="TAG", help="Show it in this language.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def show_command(document: str, clinic: str | None, language: str | None, as_json: bool) -> None:
    """Show DOCUMENT: its text, waiting periods, what a treatment may say, sources, notes for clinicians.

    \b
    Example:
      handouts show microneedling-aftercare --language es
    """
    resources = _resources(clinic)
    source = documents.load(document, resources)
    text, state = source, ReviewState.REVIEWED
    (tag,) = tags_meant([language], "--language") if language else (source.language,)
    if tag != source.language:
        translated = Texts(resources).translated(source, tag)
        text, state = translated.document, translated.review.state
    if as_json:
        data = {**_data(text), "review": _review_data(source, state), "fingerprint": documents.fingerprint(source)}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    click.echo(f"{text.title.text}\n{text.summary.text}\n")
    click.echo(f"{text.id} {text.version}, language {text.language}; {_review(source)}; review due {text.review.due}")
    click.echo(f"fingerprint of the text {documents.fingerprint(source)}")
    if tag != source.language and state is not ReviewState.REVIEWED:
        click.echo(f"This translation is {state}.")
    for block in text.blocks:
        click.echo(f"\n[{block.kind}]")
        _echo_texts(block)
    for title, lines in _lists(text):
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="    "))
    if text.notes_for_clinicians:
        click.echo("\nNotes for clinicians")
        click.echo(textwrap.indent(text.notes_for_clinicians.rstrip(), "  "))


def _echo_texts(block: Block) -> None:
    for child in block.children:
        if child.text:
            days = f"{_days(child.days)}: " if child.days else ""
            when = f"(when {block.when or child.when}) " if block.when or child.when else ""
            line = when + days + without_marks(child.text)
            click.echo(textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="    "))
        _echo_texts(child)


def _days(days: DayRange) -> str:
    """Return the days of a timeline as an author writes them."""
    return f"day {days.first}" if days.first == days.last else f"days {days.first}-{days.last}"


def _lists(text: Document) -> tuple[tuple[str, list[str]], ...]:
    periods = [
        f"{period.id}: {period.label}, {period.duration or period.kind} ({period.source})"
        + (f", when {period.when}" if period.when else "")
        for period in text.waiting_periods
    ]
    settings = [
        f"--setting {key}=NUMBER: {setting.label.text}, {setting.at_least} to {setting.at_most} {setting.unit}"
        for key, setting in text.settings.items()
    ]
    sites = [f"--body-site {key}: {label.text}" for key, label in text.body_sites.items()]
    sources = [f"{key}: {source.citation} {source.url}".strip() for key, source in text.sources.items()]
    found = (
        ("Waiting periods", periods),
        ("A treatment may say", [*sites, *settings]),
        ("Sources", sources),
    )
    return tuple((title, lines) for title, lines in found if lines)


def _review_data(source: Document, translation: ReviewState) -> dict[str, str]:
    review = source.review
    states = {"text": str(documents.review_state(source)), "translation": str(translation)}
    return {"by": review.by, "due": review.due.isoformat(), **states}


def _data(text: Document) -> dict[str, object]:
    return {
        "id": text.id,
        "version": text.version,
        "language": text.language,
        "title": text.title.text,
        "summary": text.summary.text,
        "read": str(text.read),
        "treatments": {key: label.text for key, label in text.treatments.items()},
        "body_sites": {key: label.text for key, label in text.body_sites.items()},
        "settings": {key: setting.label.text for key, setting in text.settings.items()},
        "waiting_periods": [
            {
                "id": period.id,
                "label": period.label,
                "kind": str(period.kind),
                "amount": period.duration.amount if period.duration else None,
                "unit": str(period.duration.unit) if period.duration else "",
                "when": period.when,
                "source": period.source,
            }
            for period in text.waiting_periods
        ],
        "blocks": [_block(block) for block in text.blocks],
        "sources": {key: {"citation": source.citation, "url": source.url} for key, source in text.sources.items()},
    }


def _block(block: Block) -> dict[str, object]:
    data: dict[str, object] = {"kind": str(block.kind), "line": block.line}
    if block.text:
        data["text"] = block.text
    if block.when:
        data["when"] = block.when
    if block.children:
        data["children"] = [_block(child) for child in block.children]
    return data
