"""`adm face`: compare two pictures, measure a folder of pictures, look at a film as the liveness check does."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

DEFAULT_MODELS: Final = Path(".adm/models")


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb and its own verbs."""
    face = verbs.add_parser("face", help="compare faces, measure how well they are told apart, try liveness")
    face.add_argument("--models", type=Path, default=Path(os.environ.get("ADM_MODELS", DEFAULT_MODELS)))
    kinds = face.add_subparsers(required=True, metavar="compare|evaluate|liveness")
    compare = kinds.add_parser("compare", help="are these two pictures of one person; exit status 1 when not")
    compare.add_argument("reference", type=Path)
    compare.add_argument("probe", type=Path)
    compare.set_defaults(run=_run("compare"))
    measure = kinds.add_parser("evaluate", help="FMR and FNMR over a CSV with columns image,person")
    measure.add_argument("labels", type=Path)
    measure.set_defaults(run=_run("evaluate_labels"))
    liveness = kinds.add_parser("liveness", help="what the liveness check asks and finds in a film")
    liveness.add_argument("video", type=Path)
    liveness.add_argument("--seed", type=int, help="draws the same sides every time")
    liveness.set_defaults(run=_run("liveness"))
    for kind in (compare, measure, liveness):
        kind.add_argument("--json", action="store_true", help="one JSON object instead of lines for people")


def _run(name: str) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        # OpenCV is loaded only by whoever asks for faces: `adm status` stays quick.
        from kiosk.cli import face_work

        return int(getattr(face_work, name)(arguments))

    return run
