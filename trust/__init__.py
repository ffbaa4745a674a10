"""Who is who: the bureau's certificate authority, enrolment of gateways, and the broker's rules."""
