"""What a gateway counts about itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The counters of one gateway; each has a registry of its own, so several fit in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.readings = Counter(
            "edge_readings", "Readings put into the spool", ["collector"], registry=self.registry
        )
        self.lost = Counter(
            "edge_readings_unspooled", "Readings the spool could not take", registry=self.registry
        )
        self.runs = Counter(
            "edge_collector_runs",
            "Targets asked, by how it ended",
            ["collector", "status"],
            registry=self.registry,
        )
        self.skipped = Counter(
            "edge_rounds_skipped",
            "Rounds left out because the one before took too long",
            ["collector"],
            registry=self.registry,
        )
        self.sent = Counter("edge_batches_sent", "Batches sent, repeats included", registry=self.registry)
        self.acks = Counter("edge_acks", "Acknowledgements received", registry=self.registry)
        self.pending = Gauge(
            "edge_readings_pending",
            "Readings in the spool that the store has not confirmed",
            registry=self.registry,
        )
        self.dropped = Gauge(
            "edge_readings_dropped", "Readings given up since the spool was made", registry=self.registry
        )
        self.connected = Gauge("edge_connected", "1 while connected to the broker", registry=self.registry)
