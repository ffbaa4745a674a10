"""What users read: Chinese first, English beside it."""


def said(chinese: str, english: str) -> str:
    """One line in both languages."""
    return f"{chinese} / {english}"
