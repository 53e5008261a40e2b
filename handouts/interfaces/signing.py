"""`handouts approve` and `handouts review`: who has approved or reviewed a document, with its fingerprint."""

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.interfaces.clinic_option import CLINIC_HELP, clinic_folder, clinic_option, own_clinic
from handouts.interfaces.environment import clock
from handouts.interfaces.values import day, few_words
from handouts.records import Review
from handouts.resources import Resources, is_installed


@click.command("approve", short_help="Record that the clinic approves a document.")
@click.argument("document")
@clinic_option()
@click.option("--by", required=True, metavar="NAME", help="The person who has read and approved it.")
@click.option("--on", metavar="DATE", help="When, as 2026-11-21. Today, if left out.")
def approve_command(document: str, clinic: str | None, by: str, on: str | None) -> None:
    """Record in clinic.toml that a named person approves DOCUMENT for this clinic, as its sheets print it now.

    The approval covers words, periods and conditions, the clinic's own periods, its words for calling the emergency
    number, and its templates. It ends with the first of them that changes.

    \b
    Example:
      handouts approve microneedling-aftercare --clinic my-clinic --by "Dr. R. Example, medical director"
    """
    from handouts.press import approve

    today = clock().date()
    path, approval = approve(
        Resources(clinic=clinic_folder(clinic)), document, by=few_words(by, "--by"), on=day(on, "--on"), today=today
    )
    click.echo(f"{path}: {approval.document} {approval.version}, fingerprint {approval.fingerprint}, by {approval.by}")


@click.command("review", short_help="Record who reviewed a document.")
@click.argument("document")
@click.option("--by", required=True, metavar="NAME", help="The clinician who reviewed it.")
@click.option("--role", required=True, metavar="TEXT", help="In what capacity, such as dermatologist.")
@click.option("--on", metavar="DATE", help="When, as 2026-11-21. Today, if left out.")
@click.option("--due", metavar="DATE", help="Until when it may be used. As the document says, if left out.")
@clinic_option(f"Record it in this clinic's library; a shipped text is copied there. {CLINIC_HELP}")
def review_command(document: str, by: str, role: str, on: str | None, due: str | None, clinic: str | None) -> None:
    """Record in DOCUMENT that a named clinician has reviewed it as it is now.

    The review covers words, periods, conditions, settings and the planner, and ends with the first that changes.

    \b
    Example:
      handouts review microneedling-aftercare --clinic my-clinic --by "Dr. R. Example" --role dermatologist
    """
    from handouts import documents
    from handouts.press import review

    resources = Resources(clinic=own_clinic(clinic))
    if resources.clinic is None and is_installed():
        raise InputError.of(Kind.USAGE, Code.SHIPPED_DOCUMENT, document)
    given = Review(
        by=few_words(by, "--by"),
        role=few_words(role, "--role"),
        on=day(on, "--on"),
        due=day(due, "--due") if due else documents.load(document, resources).review.due,
    )
    if given.on and given.due <= given.on:
        raise click.BadParameter("The text's review date must lie after the review.", param_hint="--due")
    path, signed = review(resources, document, given, clock().date())
    click.echo(f"{path}: {document}, fingerprint {signed.fingerprint}, by {signed.by}, due {signed.due}")
