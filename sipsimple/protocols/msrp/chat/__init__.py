"""What is said over one MSRP session: messages, who writes, dispositions, nicknames."""
