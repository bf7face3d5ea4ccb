"""A document's contents as values, and the version that ties an original to the draft that was proofread."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Counts up when a template changes what a document says, so that drafts set before are proofread again.
_TEMPLATES = 1


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in one document.

    Attributes:
        template: Name of the page's template, or of the card.
        subject_name: Whose document it is.
        page_count: Pages, or 1 for a card: as many blanks.
        values: For the template; JSON-able. Personal data: never printed or logged.
        pictures: Of a card, by field of CardContent; their hashes stand in the values.
    """

    template: str
    subject_name: str = field(repr=False)
    page_count: int
    values: Mapping[str, Any] = field(repr=False)
    pictures: Mapping[str, bytes] = field(repr=False, default_factory=dict)

    @property
    def version(self) -> str:
        """Names this data: SHA-256 over the values, 64 hex digits."""
        text = json.dumps([_TEMPLATES, self.template, self.values], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()
