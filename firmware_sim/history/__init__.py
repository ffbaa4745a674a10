"""What gateways of the simulated schools would have sent in a span of the past, message by message."""

from firmware_sim.history.gateway import GatewayPast, Message
from firmware_sim.history.span import Span, places_of

__all__ = ["GatewayPast", "Message", "Span", "places_of"]
