"""The actors of SIP: the way in, sessions, registrations, subscriptions, publications, single requests."""
