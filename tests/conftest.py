"""What every test shares: names that are the same in every run and every worker."""

SHORT = 24


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long bytes are named by their argument: a PDF with its date, or a key, is another one in each worker."""
    return argname if isinstance(val, bytes) and len(val) > SHORT else None
