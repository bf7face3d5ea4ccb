"""What the journal and its books of blanks refuse.

JournalError            the journal cannot be used: damaged, or on a disk that fails
├── JournalInUse        another daemon holds it
├── JournalFull         it or its disk is full: no new work, and nothing is ever overwritten
└── StockError          the books of blanks do not allow this; the message is for technicians
    └── OutOfBlanks     none are left, or the books differ from what people counted
Nothing was written when one of them is raised.
"""


class JournalError(Exception):
    """The journal cannot be used."""


class JournalInUse(JournalError):
    """Another daemon holds it."""


class JournalFull(JournalError):
    """The machine refuses new work."""


class StockError(JournalError):
    """The books of blanks do not allow this."""


class OutOfBlanks(StockError):
    """By the books nothing can be issued on this kind of blank now."""
