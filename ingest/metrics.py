"""What Prometheus can read of an ingest process."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """Counters of one process, in a registry of their own."""

    def __init__(self, *, inbox_size: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter("campus_ingest_messages_total", "Messages settled.", registry=self.registry)
        self.stored = Counter(
            "campus_ingest_readings_stored_total", "Points the store confirmed.", registry=self.registry
        )
        self.quarantined = Counter(
            "campus_ingest_quarantined_total", "Entries put in quarantine.", registry=self.registry
        )
        self.left_out = Counter(
            "campus_ingest_quarantine_left_out_total",
            "Entries for which the quarantine had no room; not acknowledged.",
            registry=self.registry,
        )
        self.passed_over = Counter(
            "campus_ingest_passed_over_total",
            "Messages of schools beyond their share; not acknowledged, to be sent again.",
            registry=self.registry,
        )
        self.write_seconds = Histogram(
            "campus_ingest_write_seconds", "Time of one write to the store.", registry=self.registry
        )
        self.last_stored = Gauge(
            "campus_ingest_last_stored_timestamp_seconds",
            "When a batch was last stored.",
            registry=self.registry,
        )
        self.store_available = Gauge(
            "campus_ingest_store_available", "1 while the store takes readings.", registry=self.registry
        )
        self.store_available.set(1)
        inbox = Gauge("campus_ingest_inbox_messages", "Messages waiting.", registry=self.registry)
        inbox.set_function(inbox_size)
