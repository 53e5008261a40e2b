"""`handouts check` and `handouts doctor`: what is wrong with a clinic's folder, or with this machine."""

import json
import os
import sys

import click

from handouts.codes import Code
from handouts.errors import ExitCode, errors_of
from handouts.interfaces.clinic_option import own_clinic
from handouts.interfaces.environment import cache_folder, clock
from handouts.interfaces.guarded import begin
from handouts.interfaces.words import as_data, counted, format_problems
from handouts.quality import report, to_act_on

FREE_TRANSLATION = Code.GLOSSARY_NOT_KEPT
"""A term that a translator left out, mostly rightly (\"your skin\" is often just \"it\"): told with --quality only."""


@click.command("check", short_help="Check a clinic's folder, or what ships.")
@click.argument("clinic", required=False)
@click.option("--document", "documents", multiple=True, metavar="ID", help="Try this one alone; may be repeated.")
@click.option("--language", "languages", multiple=True, metavar="TAG", help="Try this one alone; may be repeated.")
@click.option("--quality", "with_quality", is_flag=True, help="Also show how well each text reads, as a table.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def check_command(
    clinic: str | None, documents: tuple[str, ...], languages: tuple[str, ...], with_quality: bool, as_json: bool
) -> int:
    """Find every problem in branding, documents, catalogues and templates at once.

    CLINIC is a clinic's folder. Left out: HANDOUTS_CLINIC, else the folder you work in, if it has clinic.toml; where
    there is none of these, what ships is checked. Each document is tried in each language, on every core, and as many
    sheets and emails are made and looked at as can show what is the clinic's own. Each text is measured: reading grade,
    sentences, telegrams, lists, terms left unexplained or not kept. What rests on nothing that has changed since it
    was last checked today is not tried again. Where what ships has changed under a template of the clinic's own, the
    difference is shown at the end.

    After an edit of your own templates every sheet is another. While you work on them, name a document and a language;
    before you use them, check all.

    \b
    Example:
      handouts check my-clinic --quality
      handouts check my-clinic --document microneedling-aftercare --language en
    """
    from handouts.inspection import Choice, inspect
    from handouts.press import tags_meant

    def progress(done: int, total: int, what: str) -> None:
        begin("checking", what)
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r\x1b[K{done}/{total} {what}", err=True, nl=not what)

    only = Choice(documents=documents, languages=tuple(dict.fromkeys(tags_meant(languages, "--language"))))
    found = inspect(own_clinic(clinic), clock(), progress, cache_folder(), workers=os.cpu_count() or 1, only=only)
    problems = [problem for problem in found.problems if with_quality or problem.code != FREE_TRANSLATION]
    errors = errors_of(problems)
    table = report(found.quality) if with_quality else ()
    if as_json:
        data = {"problems": [as_data(problem) for problem in problems]}
        rows = {"quality": [dict(zip(table[0], row, strict=True)) for row in table[1:]]} if table else {}
        shown = {"differences": {each.name: each.difference for each in found.changed}} if found.changed else {}
        click.echo(json.dumps({**data, **rows, **shown}, ensure_ascii=False, indent=2))
    else:
        click.echo(format_problems(problems, each=with_quality), nl=False)
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))] if table else []
        for row in table:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        for line in to_act_on(found.quality) if with_quality else ():
            click.echo(line)
        for each in found.changed:
            click.echo(f"{each.difference}\n" if each.difference else "", nl=False)
        warnings = len(problems) - len(errors)
        click.echo(f"{counted(len(errors), 'error')}, {counted(warnings, 'warning')}.")
    return int(errors[0].exit_code) if errors else int(ExitCode.DONE)


@click.command("doctor", short_help="Check this machine.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def doctor_command(as_json: bool) -> int:
    """Look at what sheets need on this machine: libraries, fonts by language, printer; say how to mend each.

    \b
    Example:
      handouts doctor
    """
    from handouts.interfaces.print_settings import print_server
    from handouts.machine import findings

    found = tuple(findings(print_server()))
    if as_json:
        data = [
            {
                "subject": finding.subject,
                "found": finding.found,
                "good": finding.good,
                "remedy": finding.remedy,
                "required": finding.required,
            }
            for finding in found
        ]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for finding in found:
            mark = "✓" if finding.good else "✗" if finding.required else "–"
            click.echo(f"{mark} {finding.subject}: {finding.found}")
            if finding.remedy:
                click.echo(f"  → {finding.remedy}")
    whole = all(finding.good or not finding.required for finding in found)
    return int(ExitCode.DONE if whole else ExitCode.MACHINE)
