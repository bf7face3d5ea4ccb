"""Whether this machine may print cards without the mark of a simulation: only with the operator's licence file."""

import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class LicenceUnusable(Exception):
    """There is a licence file and it is none; the message says why."""


class Licence(BaseModel):
    """The operator's word that this machine prints the real cards.

    Attributes:
        operator: Who answers for it: the Dinas.
        reference: Of the agreement with Ditjen Dukcapil.
        valid_until: Last day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operator: str = Field(min_length=3)
    reference: str = Field(min_length=3)
    valid_until: date


def marked(file: Path | None, today: date) -> bool:
    """Whether cards are marked SIMULASI: always, but with a licence that is valid today.

    Raises:
        LicenceUnusable: The file cannot be read, or is no licence. Nothing is printed then: neither a marked card where
            a real one is expected, nor a real one without a licence.
    """
    if file is None:
        return True
    try:
        licence = Licence.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise LicenceUnusable("the licence file cannot be read") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise LicenceUnusable("the licence file is not a licence") from error
    if today > licence.valid_until:
        raise LicenceUnusable(f"the licence ended on {licence.valid_until.isoformat()}")
    return False
