"""Why a card cannot be drawn.

CardDesignError
├── DesignDoesNotFit    a text is too long for its place at the smallest size, or has letters no font of ours has
├── FieldUnusable       a field is empty or is not what it has to be
└── PictureUnusable     the photo or the signature is missing, broken or too small

None of these messages carries personal data: they name the field, never what is in it.
"""


class CardDesignError(Exception):
    """A card cannot be drawn.

    Attributes:
        field: Which field, as it is called in its dataclass.
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


class DesignDoesNotFit(CardDesignError):
    """A text does not fit its place."""


class FieldUnusable(CardDesignError):
    """A field is empty or wrong."""


class PictureUnusable(CardDesignError):
    """A picture is missing, broken or too small."""
