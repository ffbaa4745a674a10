"""Real servers for tests: each on a free loopback port, proven to be ours, stopped when the test ends."""

from campus.servers import Server, free_port, influxd, mosquitto, owns_port, program, running

__all__ = ["Server", "free_port", "influxd", "mosquitto", "owns_port", "program", "running"]
