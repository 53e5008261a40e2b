"""The Markdown body of a document -> blocks with meaning and line, or a Problem for each thing no sheet can use."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.container import container_plugin

from handouts.codes import Code
from handouts.errors import Kind, Problem, ValueFault, nearest
from handouts.inline import spans
from handouts.records import CONTAINERS, KINDS, Block, BlockKind, DayRange, Place

_PICTOGRAM = re.compile(r"\A:([a-z]+(?:-[a-z]+)*):\s+")
_DAYS = re.compile(r"\Adays?\s+(\d{1,4})(?:\s*-\s*(\d{1,4}))?:\s+")
_INFO = re.compile(r"\A\s*([\w-]*)((?:\s+\S+)*)\s*\Z")
_CONTAINER_NAMES = tuple(sorted(str(kind) for kind in CONTAINERS))
_NAMES_OF_MARKUP = {"fence": "code", "code_block": "code"}


@cache
def _parser() -> MarkdownIt:
    """Return the parser of CommonMark's blocks and `:::` containers.

    HTML and tables are parsed so that they can be refused with their line.

    Each text is parsed later, by handouts.inline, and a link's definition stays a text: CommonMark would swallow it.
    """
    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join", "reference"])
    return parser.use(container_plugin, name="block", validate=lambda *_: True)


class BodyParser:
    """Parses one body; `problems` holds what is wrong with it afterwards."""

    def __init__(self, source: str, first_line: int) -> None:
        self._source = source
        self._first_line = first_line
        self.problems: list[Problem] = []

    def blocks(self, body: str) -> tuple[Block, ...]:
        """Return the blocks of the body in order."""
        root = SyntaxTreeNode(_parser().parse(body))
        return self._sections(self._children(root.children, None))

    def _line(self, node: SyntaxTreeNode) -> int:
        return (node.map[0] if node.map else 0) + self._first_line

    def _refuse(self, node: SyntaxTreeNode, code: Code, guess: str = "", **values: str) -> None:
        self.problems.append(Problem.of(Kind.DOCUMENT, code, self._source, self._line(node), nearest=guess, **values))

    def _children(self, nodes: Sequence[SyntaxTreeNode], inside: BlockKind | None) -> list[Block]:
        found: list[Block] = []
        comment = ""
        for node in nodes:
            if node.type == "html_block" and (said := _for_translators(node.content)) is not None:
                comment = said
                continue
            found += [_with_comment(block, comment) for block in self._block(node, inside)]
            comment = ""
        return found

    def _block(self, node: SyntaxTreeNode, inside: BlockKind | None) -> Iterator[Block]:
        if node.type == "container_block":
            yield from self._container(node, inside)
        elif node.type == "heading":
            yield from self._heading(node, inside)
        elif node.type == "paragraph":
            kind = BlockKind.ANSWER if inside is BlockKind.QUESTIONS else BlockKind.PARAGRAPH
            yield from self._text(node, kind)
        elif node.type in ("bullet_list", "ordered_list"):
            kind = BlockKind.LIST if node.type == "bullet_list" else BlockKind.STEPS
            items = [item for child in node.children for item in self._item(child, inside)]
            yield Block(kind=kind, line=self._line(node), children=tuple(items))
        elif node.type == "html_block":
            self._refuse(node, Code.RAW_HTML, what=node.content.strip().splitlines()[0][:40])
        else:
            self._refuse(node, Code.UNUSED_MARKUP, what=_NAMES_OF_MARKUP.get(node.type, node.type.replace("_", " ")))

    def _container(self, node: SyntaxTreeNode, inside: BlockKind | None) -> Iterator[Block]:
        match = _INFO.match(node.info)
        name, rest = (match[1], match[2].split()) if match and match[1] else (node.info.strip(), [])
        if not name:
            self._refuse(node, Code.CLOSES_NOTHING)
            yield from self._children(node.children, inside)
        elif name not in _CONTAINER_NAMES:
            guess = nearest(name, _CONTAINER_NAMES)
            self._refuse(node, Code.UNKNOWN_CONTAINER, guess, name=name)
            self._children(node.children, BlockKind(guess) if guess else inside)  # for the problems in it
        else:
            yield self._known_container(node, inside, BlockKind(name), rest)

    def _known_container(
        self, node: SyntaxTreeNode, inside: BlockKind | None, kind: BlockKind, rest: Sequence[str]
    ) -> Block:
        conditional = kind is BlockKind.WHEN or (rest and rest[0].startswith("when="))
        when = rest[0].removeprefix("when=") if rest and conditional else ""
        if len(rest) > 1 or (rest and not conditional):
            self._refuse(node, Code.CONTAINER_WORDS, name=str(kind))
        if kind is BlockKind.WHEN and not when:
            self._refuse(node, Code.WHEN_WITHOUT_CONDITION)
        if inside is not None and KINDS[kind].place is Place.ALONE:
            self._refuse(node, Code.NESTED_CONTAINER, name=str(kind), inside=str(inside))
        problems_before = len(self.problems)
        children = self._children(node.children, inside if kind is BlockKind.WHEN else kind)
        if not children and KINDS[kind].takes_text and len(self.problems) == problems_before:
            self._refuse(node, Code.EMPTY_CONTAINER, name=str(kind))
        if children and not KINDS[kind].takes_text:
            self._refuse(node, Code.CONTAINER_TAKES_NO_TEXT, name=str(kind))
        return Block(kind=kind, line=self._line(node), children=tuple(children), when=when)

    def _heading(self, node: SyntaxTreeNode, inside: BlockKind | None) -> Iterator[Block]:
        level = int(node.tag[1])
        if inside is BlockKind.QUESTIONS and level == 3:
            yield from self._text(node, BlockKind.QUESTION)
        elif level == 2:
            yield from self._text(node, BlockKind.HEADING)
        else:
            self._refuse(node, Code.HEADING_LEVEL, level=str(level))

    def _item(self, node: SyntaxTreeNode, inside: BlockKind | None) -> Iterator[Block]:
        paragraphs = [child for child in node.children if child.type == "paragraph"]
        if len(paragraphs) != len(node.children) or len(paragraphs) != 1:
            self._refuse(node, Code.ITEM_NOT_ONE_PARAGRAPH)
            return
        for block in self._text(paragraphs[0], BlockKind.ITEM):
            yield self._dated(node, block) if inside is BlockKind.TIMELINE else _pictured(block)

    def _dated(self, node: SyntaxTreeNode, block: Block) -> Block:
        match = _DAYS.match(block.text)
        if not match:
            self._refuse(node, Code.TIMELINE_WITHOUT_DAYS)
            return block
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            self._refuse(node, Code.DAYS_BACKWARDS, first=str(first), last=str(last))
        return replace(block, text=block.text[match.end() :], days=DayRange(first=first, last=last))

    def _text(self, node: SyntaxTreeNode, kind: BlockKind) -> Iterator[Block]:
        markup = " ".join(node.children[0].content.split())
        if markup.startswith("::"):
            self._refuse(node, Code.TWO_COLONS)
        try:
            spans(markup)
        except ValueFault as fault:
            self._refuse(node, fault.code, **fault.values)
        yield Block(kind=kind, line=self._line(node), text=markup)

    def _sections(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """Gather what stands outside containers into sections, each from its heading on."""
        found: list[Block | list[Block]] = []
        for block in blocks:
            if block.kind is BlockKind.WHEN and any(child.kind in CONTAINERS for child in block.children):
                found.append(replace(block, children=self._sections(block.children)))
            elif block.kind in CONTAINERS and block.kind is not BlockKind.WHEN:
                found.append(block)
            elif block.kind is not BlockKind.HEADING and found and isinstance(found[-1], list):
                found[-1].append(block)
            else:
                found.append([block])
        return tuple(_section(block) if isinstance(block, list) else block for block in found)


def _section(blocks: Sequence[Block]) -> Block:
    return Block(kind=BlockKind.SECTION, line=blocks[0].line, children=tuple(blocks))


def _for_translators(html: str) -> str | None:
    """Return what a comment such as <!-- i18n: … --> says to translators, or None where it is no such comment."""
    text = html.strip()
    inside = text.removeprefix("<!--").removesuffix("-->").strip()
    if len(text) < len("<!---->") or not (text.startswith("<!--") and text.endswith("-->")):
        return None
    return " ".join(inside.removeprefix("i18n:").split()) if inside.startswith("i18n:") else None


def _pictured(block: Block) -> Block:
    """Take the pictogram off the front of an item, such as :sun: before its text."""
    match = _PICTOGRAM.match(block.text)
    return replace(block, text=block.text[match.end() :], pictogram=match[1]) if match else block


def _with_comment(block: Block, comment: str) -> Block:
    """Give the translators' note to every text of a block that has none of its own."""
    if not comment:
        return block
    children = tuple(_with_comment(child, comment) for child in block.children)
    return replace(block, comment=block.comment or comment, children=children)
