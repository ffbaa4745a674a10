"""Who may see and do what: roles, accounts, sessions, tokens, and the fence around a reader's part."""
