"""What `campus ca serve` does for the fleet: let the broker hold what the book has."""

from fleet.post import book_of, keep_in_step
from runtime.language import Text
from trust.broker.control import connected
from trust.broker.syncing import broker_of
from trust.office import Office
from trust.settings import TrustSettings


def keep_fleet(settings: TrustSettings, office: Office) -> list[Text]:
    """Raises BrokerError, BookError."""
    with book_of(office) as book:
        with book.changing():
            anything = bool(book.newest())
        if not anything:
            return []
        with connected(broker_of(settings)) as control:
            with office.register.changing():
                gateways = office.register.gateways()
            return keep_in_step(control, book, office, gateways)
