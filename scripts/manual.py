"""MkDocs' hook: a page with `<!-- made: NAME -->` in it -> the page with what the code says there.

Nothing of a reference is written twice: commands come from Click, files from their models, problems from their words.
"""

import ast
import inspect
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import griffe

from handouts import quality, treatment
from handouts.branding.clinic_file import ClinicFile
from handouts.checking import StrictModel, schema_of
from handouts.documents.front_matter import FrontMatter
from handouts.errors import ExitCode
from handouts.interfaces.command import cli
from handouts.languages import known_tags, language
from handouts.records import BlockKind
from handouts.records.block_kinds import CONTAINERS, KINDS
from handouts.resources import Resources
from handouts.shelves import SHELVES
from handouts.treatment.tables import ExportFile

ROOT = Path(__file__).parent.parent
MARK = re.compile(r"^<!-- made: ([a-z-]+)(?: ([A-Za-z-]+))? -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return a page's Markdown with every mark filled in; KeyError for a mark that nobody fills."""
    return MARK.sub(lambda mark: doubts_of(mark[2]) if mark[1] == "doubts" else PARTS[mark[1]](), markdown)


def on_config(config: Any) -> Any:
    """Put what the reviewer of each language should look at first into the navigation, where there is a page of it."""
    tags = [tag for tag in known_tags() if (ROOT / "docs" / "review" / f"{tag}.md").exists()]
    pages = [{language(tag).english_name: f"review/{tag}.md"} for tag in tags]
    for part in config["nav"]:
        if "Review" in part:
            part["Review"] += pages
    return config


def doubts_of(tag: str) -> str:
    """Return the doubts of a language's glossary as a table."""
    rows = [f"| {each.text} | {each.doubt} |" for each in quality.doubts(tag, Resources())]
    return "\n".join(["| English | What to judge |", "| --- | --- |", *rows])


# --- commands --------------------------------------------------------------------------------------------------------


def every_command(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name ("outbox send"), in the order of the help."""
    with click.Context(group) as context:
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None, f"{name} is listed"
            yield " ".join((*path, name)), found
            if isinstance(found, click.Group):
                yield from every_command(found, (*path, name))


def commands() -> str:
    """Return a section for each command: what it does, how it is written, an example, its options."""
    return "\n".join(_command(name, found) for name, found in every_command())


def _command(name: str, found: click.Command) -> str:
    prose, _, example = inspect.cleandoc(found.help or "").partition("\b\nExample:\n")
    arguments = [parameter for parameter in found.params if isinstance(parameter, click.Argument)]
    words = [f"[{each.human_readable_name}]" if not each.required else each.human_readable_name for each in arguments]
    words += ["COMMAND"] if isinstance(found, click.Group) else []
    options = [parameter for parameter in found.params if isinstance(parameter, click.Option)]
    usage = " ".join(["handouts", name, *(["[OPTIONS]"] if options else []), *words])
    rows = [f"| {_option(option)} | {_help(option)} |" for option in options]
    table = ["| Option | |", "|---|---|", *rows, ""] if rows else []
    heading = f"## {name} {{ #{name.replace(' ', '-')} }}"
    shown = ["For example:", "", "```sh", textwrap.dedent(example).strip(), "```", ""]
    return "\n".join([heading, "", _unwrapped(prose), "", f"    {usage}", "", *shown, *table])


def _unwrapped(prose: str) -> str:
    paragraphs = re.split(r"\n\s*\n", prose.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _option(option: click.Option) -> str:
    names = "/".join((*option.opts, *option.secondary_opts))
    value = option.make_metavar(click.Context(cli)).strip("[]")
    value = "NUMBER" if value == "INTEGER RANGE" else value
    return f"`{names if option.is_flag else f'{names} {value}'}`".replace("|", r"\|")


def _help(option: click.Option) -> str:
    text = " ".join((option.help or "").split()).replace("|", r"\|")
    default = f"{option.default:g}" if isinstance(option.default, float) else option.default
    return f"{text} Default: `{default}`." if option.show_default and default is not None else text


# --- files -----------------------------------------------------------------------------------------------------------


def details() -> str:
    """Return the table of a treatment's details."""
    rows = []
    for field in treatment.FIELDS:
        notes = [
            note for note, holds in (("Required.", field.required), ("May be given several times.", field.repeated))
        ]
        notes = [
            note
            for note, holds in (("Required.", field.required), ("May be given several times.", field.repeated))
            if holds
        ]
        rows.append(f"| `{field.path}` | `{field.option} {field.metavar}` | {' '.join([field.help, *notes])} |")
    return "\n".join(["| Key | Option | |", "|---|---|---|", *rows])


def clinic() -> str:
    """Return a section for each table of clinic.toml."""
    return _tables(ClinicFile, "[{}]")


def export() -> str:
    """Return a section for each table of the description of an export, below that of exports."""
    return _tables(ExportFile, "{}").replace("## `", "### `")


def document() -> str:
    """Return a section for each entry of a document's front matter."""
    return _tables(FrontMatter, "{}")


def _tables(model: type[StrictModel], heading: str) -> str:
    schema = schema_of(model)
    return "\n\n".join(
        _table(title, each, schema["$defs"]) for title, each in _walk("", schema, schema["$defs"], heading)
    )


def _walk(
    path: str, schema: Mapping[str, Any], known: Mapping[str, Any], heading: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each table with its heading; the whole file has none."""
    yield (heading.format(path) if path else "", schema)
    for key, value in schema["properties"].items():
        for inner, step in _tables_in(value, known):
            yield from _walk(f"{path}.{key}{step}".lstrip("."), inner, known, heading)


def _tables_in(
    schema: Mapping[str, Any], known: Mapping[str, Any], step: str = ""
) -> Iterator[tuple[Mapping[str, Any], str]]:
    if "$ref" in schema:
        yield known[schema["$ref"].rpartition("/")[2]], step
    for each in (*_kinds(schema), *([schema["items"]] if "items" in schema else ())):
        yield from _tables_in(each, known, step)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _tables_in(schema["additionalProperties"], known, f"{step}.NAME")


def _table(title: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    columns = ["| Key | What it is | |", "|---|---|---|"]
    rows = []
    for key, value in schema["properties"].items():
        shape = _shape(value, known) + ("; required" if key in schema.get("required", ()) else _default(value))
        rows.append(f"| `{key}` | {shape} | {value.get('description', '')} |")
    return "\n".join([f"## `{title}`" if title else "", "", _unwrapped(schema["description"]), "", *columns, *rows])


def _kinds(schema: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what a value may be of several kinds, or nothing."""
    return (*schema.get("anyOf", ()), *schema.get("oneOf", ()))


def _default(value: Mapping[str, Any]) -> str:
    default = value.get("default")
    default = str(default).lower() if isinstance(default, bool) else default
    return f"; `{default}` if left out" if isinstance(default, str | int) and default != "" else ""


def _shape(value: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """Return in words what a value may be."""
    if "enum" in value:
        return " or ".join(f"`{each}`" for each in value["enum"])
    if "$ref" in value:
        return "a table"
    if kinds_of_it := _kinds(value):
        return " or ".join(_shape(each, known) for each in kinds_of_it if each.get("type") != "null")
    kinds = {
        "boolean": "`true` or `false`",
        "integer": "a number",
        "array": "a list",
        "object": "a table",
        "string": {"date": "a date"}.get(value.get("format", ""), "text"),
    }
    kind = kinds.get(value["type"], "a number") if isinstance(value["type"], str) else "a number"
    if "minimum" in value:
        kind += f", {value['minimum']} to {value['maximum']}"
    if value["type"] == "array":
        kind += f" of {'tables' if '$ref' in value['items'] else 'texts'}"
        kind += f", {value['maxItems']} at most" if "maxItems" in value else ""
    return kind


def blocks() -> str:
    """Return the table of the blocks that an author writes."""
    rows = [
        f"| `{':::: when NAME' if kind is BlockKind.WHEN else f'::: {kind}'}` | {entry.meaning} |"
        for kind, entry in KINDS.items()
        if kind in CONTAINERS
    ]
    return "\n".join(["| Block | What it means |", "|---|---|", *rows])


# --- the look of a sheet ---------------------------------------------------------------------------------------------

STYLES = ("sheet.css", "bilingual.css", "screen.css", "large.css")
PROPERTY = re.compile(r"^  --([\w-]+): ([^;]+);(?: /\* (.*?) \*/)?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Property:
    """A custom property of the shipped styles: what it changes, and its value in each style that sets it."""

    name: str
    words: str
    values: Mapping[str, str]


def properties() -> Mapping[str, Property]:
    """Return every custom property that the shipped styles set, in their order."""
    found: dict[str, Property] = {}
    for style in STYLES:
        text = (SHELVES["templates"] / "handout" / style).read_text()
        for name, value, words in PROPERTY.findall(text):
            before = found.get(name, Property(name=name, words="", values={}))
            found[name] = Property(
                name=name, words=before.words or words, values={**before.values, style: value.strip()}
            )
    return found


def properties_table() -> str:
    """Return the table of the custom properties."""
    rows = []
    for one in properties().values():
        values = {**one.values}
        large = values.pop("large.css", "")
        _, first = next(iter(values.items()), ("", ""))
        two = f"; in two languages `{values['bilingual.css']}`" if "bilingual.css" in values and len(values) > 1 else ""
        rows.append(
            f"| `--{one.name}` | {f'`{first}`' if first else ''}{two} | {f'`{large}`' if large else ''} | {one.words} |"
        )
    return "\n".join(["| Name | Value | In large print | What it changes |", "|---|---|---|---|", *rows])


# --- what a command answers ------------------------------------------------------------------------------------------


def exit_codes() -> str:
    """Return the table of exit codes, in the words below each member of ExitCode."""
    members = griffe.load("handouts.errors")["ExitCode"].members
    rows = []
    for code in ExitCode:
        words = members[code.name].docstring
        assert words is not None, f"{code.name} has no words"
        rows.append(f"| {int(code)} | {words.value} |")
    return "\n".join(["| Code | |", "|---|---|", *rows])


def problems() -> str:
    """Return every problem under the subjects of problems.toml."""
    text = (SHELVES["locales"] / "en" / "problems.toml").read_text()
    subjects = re.split(r"^# --- (.+?) -+$", text, flags=re.MULTILINE)[1:]
    parts = []
    for subject, tables in zip(subjects[::2], subjects[1::2], strict=True):
        parts += [f"## {subject.capitalize()}", "", "| Code | What is wrong | What to do |", "|---|---|---|"]
        for code, words in tomllib.loads(tables).items():
            parts.append(f"| `{code}` | {_cell(words['what'])} | {_cell(words['do'])} |")
        parts.append("")
    return "\n".join(parts)


def _cell(text: str) -> str:
    """Return a problem's words as they stand, for a cell: they are no Markdown but for their `commands`."""
    return re.sub(r"([|*_<>\[\]])(?=(?:[^`]*`[^`]*`)*[^`]*$)", r"\\\1", text).replace("{{", "{").replace("}}", "}")


# --- the house -------------------------------------------------------------------------------------------------------


def modules() -> str:
    """Return a table of the package's modules, by the layers of the import contract, each in its own first line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (layers,) = [each["layers"] for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    rows = []
    for name in re.split(r" \| |\n", "\n".join(layers)):
        place = ROOT / name.replace(".", "/")
        inner = sorted(path.parent for path in place.glob("*/__init__.py"))
        for file in (place / "__init__.py" if place.is_dir() else place.with_suffix(".py"), *inner):
            source = file / "__init__.py" if file.is_dir() else file
            first = (ast.get_docstring(ast.parse(source.read_text())) or "").partition("\n")[0]
            rows.append(f"| `{_module(source)}` | {first.replace('->', '→')} |")
    return "\n".join(["| Module | What comes in → what goes out |", "|---|---|", *rows])


def _module(file: Path) -> str:
    parts = file.relative_to(ROOT / "handouts").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


PARTS: Mapping[str, Callable[[], str]] = {
    "blocks": blocks,
    "properties": properties_table,
    "clinic": clinic,
    "commands": commands,
    "details": details,
    "document": document,
    "exit-codes": exit_codes,
    "export": export,
    "modules": modules,
    "problems": problems,
}
