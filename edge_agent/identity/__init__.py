"""Who a gateway is: its own key, which never leaves it, and the certificate that the bureau gave for it."""
