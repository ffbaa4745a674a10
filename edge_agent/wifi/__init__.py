"""What `iw` says of the air around a probe."""
