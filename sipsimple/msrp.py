"""Import path of the published API: chat over MSRP."""

from sipsimple.api.chat import MSRPChat
from sipsimple.errors import MSRPChatError

__all__ = ["MSRPChat", "MSRPChatError"]
