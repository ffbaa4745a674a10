"""The files of an identity. Key and certificate stand in one, so that no power cut parts them."""

from pathlib import Path

from runtime.whole_files import write_whole

IDENTITY = "identity.pem"
AUTHORITY = "ca.pem"
SERVER = "server"
# A key whose certificate was asked for: the same again until it comes.
NEXT = "next-key.pem"


def enrolled_in(folder: Path | None) -> Path | None:
    """The folder where it holds an identity at all, be it a damaged one."""
    return folder if folder is not None and (folder / IDENTITY).exists() else None


def write_file(path: Path, content: bytes) -> None:
    """For the owner alone; a reader finds the old content or the new. Raises ConfigError."""
    write_whole(path, content, folder_mode=0o700)
