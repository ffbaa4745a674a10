"""The day book: readings become facts of a day once, and again where late ones came."""
