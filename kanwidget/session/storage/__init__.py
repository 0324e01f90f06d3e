"""A session in one file."""

from kanwidget.session.storage.file import Saved, StorageError, put, read, write
from kanwidget.session.storage.packing import Contents, collect

__all__ = ["Contents", "Saved", "StorageError", "collect", "put", "read", "write"]
