"""Files that the site keeps: pictures, signatures, documents. Their rows are `StoredFile`, their bytes are on disk.

    clean = pictures.re_encode(upload)            # or signature(…), or document(pdf): nothing else can be stored
    stored = disk.store(clean, by=by, at=at)      # inside an action
    return serving.attachment(stored, "violin-17.jpg")  # behind a door of the room that owns it

What people send is never kept as it came: a picture is drawn anew, so nothing hidden in it survives.
"""

from .disk import read, store
from .pictures import PDF, Clean, FileRefused, document, re_encode, signature
from .serving import attachment, to_save

__all__ = [
    "PDF",
    "Clean",
    "FileRefused",
    "attachment",
    "document",
    "re_encode",
    "read",
    "signature",
    "store",
    "to_save",
]
