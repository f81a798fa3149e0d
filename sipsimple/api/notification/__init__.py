"""The notification bus: NotificationCenter, blinker signals, and delivery in order."""
