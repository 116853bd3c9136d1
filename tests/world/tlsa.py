"""TLSA records (RFC 6698 §2) for the certificates of the world, as a zone file has them: "3 1 1 00FF..."."""
import base64
import hashlib
import ssl

from .authority import openssl

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----\n"
FULL_CERTIFICATE, PUBLIC_KEY = 0, 1
DIGESTS = {0: bytes.hex, 1: lambda data: hashlib.sha256(data).hexdigest(), 2: lambda data: hashlib.sha512(data).hexdigest()}


def certificates(chain):
    """The certificates of a chain's file as PEM texts, the leaf first."""
    return [BEGIN + part.split(END)[0] + END for part in chain.read_text().split(BEGIN)[1:]]


def selected(pem, selector):
    if selector == FULL_CERTIFICATE:
        return ssl.PEM_cert_to_DER_cert(pem)
    key = openssl("x509", "-noout", "-pubkey", text=pem)
    return base64.b64decode("".join(key.splitlines()[1:-1]))


def tlsa(usage, selector, matching, pem):
    """The record for a certificate; a selector or matching type that nobody knows is filled as type 1 would be."""
    data = selected(pem, selector if selector in (FULL_CERTIFICATE, PUBLIC_KEY) else PUBLIC_KEY)
    return f"{usage} {selector} {matching} {DIGESTS.get(matching, DIGESTS[1])(data)}"
