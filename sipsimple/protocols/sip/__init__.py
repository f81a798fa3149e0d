"""SIP: messages, transactions, dialogs, and the usages of a dialog."""
