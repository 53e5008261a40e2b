"""What a page holds -> as much of it as a message may quote: what stands in a template, and so is no patient's."""

_LONGEST = 80
_PART_ENDS = "/:"


class Quoting:
    """Quotes what stands in the templates' `markup`; anything where that is None, since then no patient is at hand."""

    def __init__(self, markup: str | None) -> None:
        self._markup = None if markup is None else markup.lower()

    def name(self, name: str) -> str:
        """Return the name of an element, an attribute or a function, or "…" where a template has put it together."""
        return name[:_LONGEST] if self._is_in_templates(name) else "…"

    def address(self, address: str) -> str:
        """Return an address up to what a template has put into it, and without its query."""
        whole = address.strip().partition("?")[0].partition("#")[0][:_LONGEST]
        if self._is_in_templates(whole):
            return whole or "…"
        known, unknown = 0, len(whole)
        while unknown - known > 1:
            middle = (known + unknown) // 2
            known, unknown = (middle, unknown) if self._is_in_templates(whole[:middle]) else (known, middle)
        return whole[: 1 + max(whole.rfind(end, 0, known) for end in _PART_ENDS)] or "…"

    def _is_in_templates(self, text: str) -> bool:
        return self._markup is None or text.lower() in self._markup
