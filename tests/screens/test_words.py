"""The catalogues: the same keys in both languages, nothing empty, places filled alike, compiled ones current."""

import gettext
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from screens.words import LANGUAGES, LOCALE, Words


def catalogue(language: str) -> Catalog:
    with (Path(LOCALE) / language / "LC_MESSAGES" / "screens.po").open("rb") as source:
        return read_po(source, locale=language)


def texts(message: object) -> tuple[str, ...]:
    return message if isinstance(message, tuple) else (str(message),)


def keys(language: str) -> set[str]:
    """Every key of a language."""
    return {texts(message.id)[0] for message in catalogue(language) if message.id}


def test_both_languages_have_the_same_keys() -> None:
    assert keys("id") == keys("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_or_its_own_key(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            assert all(text and text != texts(message.id)[0] for text in texts(message.string)), message.id


def test_places_to_fill_are_the_same() -> None:
    places: dict[str, list[set[str]]] = {}
    for language in LANGUAGES:
        for message in catalogue(language):
            for text in texts(message.string) if message.id else ():
                places.setdefault(texts(message.id)[0], []).append(set(re.findall(r"\{(\w+)\}", text)))
    assert [key for key, found in places.items() if any(one != found[0] for one in found)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_current(language: str) -> None:
    fresh = BytesIO()
    write_mo(fresh, catalogue(language))
    fresh.seek(0)
    with (Path(LOCALE) / language / "LC_MESSAGES" / "screens.mo").open("rb") as compiled:
        kept = gettext.GNUTranslations(compiled)
    now = gettext.GNUTranslations(fresh)
    # Under the empty key stand the tools and the hour.
    assert {**kept._catalog, "": ""} == {**now._catalog, "": ""}  # type: ignore[attr-defined]


def test_language_switches_at_once_and_counts_in_its_own_way() -> None:
    words = Words()
    assert words.say("cancel") == "Batal"
    assert words.count("take_paper.sheets", 2).startswith("2 lembar")
    words.switch("en")
    assert words.say("cancel") == "Cancel"
    assert words.count("take_paper.sheets", 1).startswith("1 sheet,")
    assert words.count("take_paper.sheets", 2).startswith("2 sheets,")
