"""What the kiosk of a demo is told about technicians: invented staff, the cabinet's files, a key made here."""

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def settings(directory: Path, samples: Path) -> dict[str, dict[str, Any]]:
    """Sections of kiosk.toml.

    Args:
        directory: Of the demo; the Dinas's key pair is kept in `dinas/` below it.
        samples: Folder with `staff.toml`.
    """
    cabinet = directory / "simulator" / "cabinet"
    return {
        "technician": {
            "staff_file": samples / "staff.toml",
            "key_switch": cabinet / "key",
            "export_key_file": _key(directory / "dinas"),
            "usb_folder": cabinet / "usb",
            "power": "daemon",
        },
        "selftest": {"at_start": False},
        "selftest.contacts": {"door": cabinet / "door", "tamper": cabinet / "tamper"},
    }


def _key(folder: Path) -> Path:
    public, private = folder / "export.pem", folder / "export-private.pem"
    if not public.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = X25519PrivateKey.generate()
        private.touch(mode=0o600)
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public
