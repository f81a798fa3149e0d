"""Import path of the published API: chat and file transfer over MSRP."""

from sipsimple.api.chat.chat import MSRPChat
from sipsimple.api.relay_settings import MSRPRelaySettings
from sipsimple.api.transfer.transfer import MSRPFileTransfer
from sipsimple.errors import MSRPChatError
from sipsimple.protocols.sdp.file_selector import FileSelector

__all__ = ["FileSelector", "MSRPChat", "MSRPChatError", "MSRPFileTransfer", "MSRPRelaySettings"]
