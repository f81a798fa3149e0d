"""What asks a server for something: registrations, subscriptions, publications, messages, single requests."""
