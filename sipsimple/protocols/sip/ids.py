"""Identifiers and the marks that they bear, shaped from entropy that the caller brings (RFC 3261 §8.1.1, §19.3)."""

from __future__ import annotations

from hashlib import blake2b

BRANCH_COOKIE = "z9hG4bK"


def branch(entropy: str) -> str:
    """Return a branch: globally unique when `entropy` is, and marked as of RFC 3261."""
    return BRANCH_COOKIE + entropy


def is_unique_branch(text: str | None) -> bool:
    """Tell whether a branch is of RFC 3261, so that it alone names the transaction (§17.2.3).

    The bare cookie is not: it names nothing.
    """
    return text is not None and len(text) > len(BRANCH_COOKIE) and text[:7].lower() == "z9hg4bk"


def call_id(entropy: str, host: str = "") -> str:
    """Return a Call-ID."""
    return f"{entropy}@{host}" if host else entropy


def stateless_tag(*texts: str) -> str:
    """Return a To tag that a repetition of the same request gets again (RFC 3261 §8.2.7)."""
    joined = "\0".join(texts).encode("utf-8", "surrogateescape")
    return blake2b(joined, digest_size=8).hexdigest()
