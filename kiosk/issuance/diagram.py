"""`python -m kiosk.issuance.diagram` prints docs/issuance.md: the table of moves as a picture and as a table."""

from kiosk.issuance.states import ENDS, TABLE, State


def document() -> str:
    """The document, which a test holds against the file."""
    return "\n".join(
        [
            "# The states of one issuance",
            "",
            "Made from the table in `kiosk/issuance/states.py` by `python -m kiosk.issuance.diagram`;",
            "a test keeps it current.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *(f"    {move.before or '[*]'} --> {move.after}: {move.event}" for move in TABLE),
            *(f"    {end} --> [*]" for end in State if end in ENDS and end is not State.UNKNOWN),
            "```",
            "",
            "| state | event | next | evidence | meaning |",
            "|---|---|---|---|---|",
            *(
                f"| {move.before or '—'} | {move.event} | {move.after} | {move.evidence or '—'} | {move.meaning} |"
                for move in TABLE
            ),
            "",
        ]
    )


if __name__ == "__main__":
    print(document(), end="")
