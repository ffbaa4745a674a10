"""Walking surveys: this project's own form, and what other tools export."""
