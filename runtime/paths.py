"""Paths in settings: relative ones are meant as seen from the configuration file, wherever it is started."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from runtime.language import Text


def in_folder(path: Path, info: ValidationInfo) -> Path:
    """The path as seen from the folder of the configuration."""
    folder: Path | None = (info.context or {}).get("folder")
    return folder / path if folder else path


def existing_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(Text("没有此文件", "there is no such file"))
    return path


def existing_folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(Text("没有此文件夹", "there is no such folder"))
    return path


def _new_file(path: Path) -> Path:
    if path.is_dir():
        raise ValueError(Text("这是文件夹，请写文件名", "this is a folder; write a file's name"))
    return path


FolderPath = Annotated[Path, AfterValidator(in_folder)]
NewFile = Annotated[FolderPath, AfterValidator(_new_file)]
ExistingFile = Annotated[FolderPath, AfterValidator(existing_file)]
ExistingFolder = Annotated[FolderPath, AfterValidator(existing_folder)]
