"""Is a stored file still the one whose hash was kept?"""

import hashlib

from django.core.files.storage import default_storage

_CHUNK = 1 << 20


def is_intact(key: str, sha256: str) -> bool:
    """Is there a file of this key with this hash? Read in pieces of a megabyte."""
    if not key or not default_storage.exists(key):
        return False
    proof = hashlib.sha256()
    with default_storage.open(key) as file:
        while piece := file.read(_CHUNK):
            proof.update(piece)
    return proof.hexdigest() == sha256
