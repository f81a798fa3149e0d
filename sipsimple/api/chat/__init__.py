"""MSRP chats as applications hold them: messages, features, sounds."""
