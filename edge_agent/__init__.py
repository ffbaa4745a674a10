"""The gateway of a school: collects from its devices, keeps everything until the store has it."""
