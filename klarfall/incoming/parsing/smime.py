"""S/MIME in one block (application/pkcs7-mime): what it is, and what was signed in it."""

#: Kinds of content that nobody here can read.
_CLOSED = ("enveloped_data", "authenticated_enveloped_data", "encrypted_data")


def opened(data: bytes) -> tuple[str, bytes | None]:
    """("signed", the mail in it), ("encrypted", None) or ("", None) for neither of them. Signatures are not checked."""
    from asn1crypto import cms

    try:
        envelope = cms.ContentInfo.load(data)
        kind = envelope["content_type"].native
        if kind in _CLOSED:
            return "encrypted", None
        if kind != "signed_data":
            return "", None
        inner = envelope["content"]["encap_content_info"]["content"]
        return "signed", bytes(inner) if inner is not None else None
    except Exception:  # broken in any of a thousand ways; the caller keeps it as a file
        return "", None
