"""What SIP carries about people and devices: presence, watchers, waiting messages, the state of dialogs."""
