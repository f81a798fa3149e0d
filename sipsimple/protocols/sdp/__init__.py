"""SDP: documents, offers and answers, and what a media line means."""
