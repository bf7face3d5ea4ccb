"""Draws an answer as a page. Every value is escaped; the page needs nothing but itself and its style."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from central.public.words import Answer, Both

_HERE = Path(__file__).parent
STYLE = (_HERE / "style.css").read_bytes()
_PAGE = Template((_HERE / "page.html").read_text(encoding="utf-8"))

# Signs beside the colours: not everybody tells green from red.
_SIGNS = {
    "good": "M14 25l7 7 13-15",
    "old": "M24 13v14M24 34v1",
    "bad": "M16 16l16 16M32 16L16 32",
    "wait": "M24 12v12l8 6",
}


def draw(answer: Answer, facts: Sequence[tuple[Both, Both]] = ()) -> str:
    """The page.

    Args:
        facts: Name and value, in both languages.
    """
    return _PAGE.substitute(
        look=answer.look,
        sign=_SIGNS[answer.look],
        title_id=escape(answer.title.id),
        title_en=escape(answer.title.en),
        text_id=escape(answer.text.id),
        text_en=escape(answer.text.en),
        facts=f"<dl>{''.join(_fact(*fact) for fact in facts)}</dl>" if facts else "",
    )


def _fact(name: Both, value: Both) -> str:
    english = "" if value.en == value.id else f'<span class="en" lang="en">{escape(value.en)}</span>'
    heading = f'{escape(name.id)} / <span lang="en">{escape(name.en)}</span>'
    return f"<dt>{heading}</dt><dd>{escape(value.id)}{english}</dd>"
