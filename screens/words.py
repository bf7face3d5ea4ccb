"""Every word on the screens, by key, from gettext catalogues; the language can change at any moment."""

import gettext
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "screens"
LANGUAGES = ("id", "en")


class Words:
    """The catalogue in use.

    Attributes:
        language: ``id`` or ``en``.
        asked: keys looked up so far; tests compare them with the catalogues.
    """

    def __init__(self) -> None:
        self.language = ""
        self.asked: set[str] = set()
        self._catalogue: gettext.NullTranslations = gettext.NullTranslations()
        self.switch("id")

    def switch(self, language: str) -> None:
        """Uses another language from now on. Screens that stand are built anew by whoever calls this."""
        if language != self.language:
            self._catalogue = gettext.translation(DOMAIN, LOCALE, [language])
            self.language = language

    def say(self, key: str, **values: object) -> str:
        """The words under a key, with ``{name}`` places filled."""
        self.asked.add(key)
        return self._catalogue.gettext(key).format(**values)

    def count(self, key: str, n: int) -> str:
        """The words under a key that depend on a number, with ``{n}`` filled."""
        self.asked.add(key)
        return self._catalogue.ngettext(key, key, n).format(n=n)


words = Words()
say = words.say
count = words.count
