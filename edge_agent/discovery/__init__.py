"""What a school has, looked for where one is told to look; and a configuration made of it."""
