"""What others ask of this side outside of sessions: messages, subscriptions."""
