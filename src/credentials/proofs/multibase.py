"""The two text encodings of octets that proofs and keys use: base58btc and base64url without padding.

Multibase (Controlled Identifiers 1.0, section 2.4) marks them with ``z`` and ``u``. Both decoders are strict: every
octet string has exactly one text, so that a text cannot be varied without being noticed.
"""

from binascii import b2a_base64
from struct import pack

import msgspec

from credentials.errors import Malformed, TooLarge

MAX_BASE58_CHARACTERS = 1024
"""Base 58 has no power of two in it, so decoding costs the square of the length. An RSA-4096 Multikey has 722."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = bytes(_ALPHABET.index(chr(octet)) if chr(octet) in _ALPHABET else 255 for octet in range(256))
_FOREIGN = 255
_CHARACTERS = bytes.maketrans(bytes(range(58)), _ALPHABET.encode())
_MAX_LIMBS = MAX_BASE58_CHARACTERS // 4
_LIMB = 58**4  # fits in one 30-bit digit of CPython's integers, where arithmetic is fastest


def _folds(count: int) -> tuple[tuple[int, int, int], ...]:
    """How so many digits, an octet each in one integer, become their value: neighbours are added up, all pairs at once, in
    fields of one, two, four … octets. A shift, the mask of every other field, and what the upper one of two is worth."""
    found, octets, worth = [], 1, 58
    while octets < count:
        mask = sum((1 << 8 * octets) - 1 << 16 * octets * pair for pair in range(count // (2 * octets)))
        found.append((8 * octets, mask, worth))
        octets, worth = 2 * octets, worth * worth  # 58 ** octets stays below 256 ** octets
    return tuple(found)


_FOLDS = {count: _folds(count) for count in (1 << power for power in range(11))}


def _split(octets: int, by: int) -> tuple[int, int, int, int, int]:
    """How values below ``by`` squared, each in a field of so many octets in one integer, are divided by ``by`` all at once: a
    factor and a shift, which are the division (https://gmplib.org/~tege/divcnst-pldi94.pdf, theorem 4.2), the mask of the
    results, ``by`` itself, and half a field, by which a result moves to stand before its remainder."""
    shift = (by * by - 1).bit_length() + by.bit_length()
    result = (1 << by.bit_length()) - 1  # what stands above it in its field are remains of the field before
    mask = sum(result << 8 * octets * field for field in range(8 * _MAX_LIMBS // octets))
    return -(-(1 << shift) // by), shift, mask, by, 4 * octets


_SPLITS = (_split(8, 58 * 58), _split(4, 58))

_FROM_BASE64 = bytes.maketrans(b"+/", b"-_")
_BASE64_STRING = msgspec.json.Decoder(bytes)  # of base64 in a JSON string: twice as fast as the standard library's
# The last character of a text carries four (of 2 mod 4) or two (of 3 mod 4) bits that belong to no octet.
_CLEAN_LAST = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}


def base58_encode(octets: bytes) -> str:
    """Octets as base58btc text, without the ``z``. ``TooLarge`` where the text would be over the cap."""
    number = int.from_bytes(octets)
    limbs = []
    while number:
        number, limb = divmod(number, _LIMB)
        limbs.append(limb)
    if len(limbs) > _MAX_LIMBS:
        raise TooLarge(f"Base58 text would have more than {MAX_BASE58_CHARACTERS} characters.")
    limbs.reverse()
    fields = int.from_bytes(pack(f">{len(limbs)}Q", *limbs))
    for factor, shift, mask, by, half in _SPLITS:
        upper = (fields * factor >> shift) & mask
        fields += (upper << half) - upper * by
    digits = fields.to_bytes(8 * len(limbs))[1::2].translate(_CHARACTERS).decode("ascii")
    zeros = len(octets) - len(octets.lstrip(b"\0"))
    return "1" * zeros + digits.lstrip("1")


def base58_decode(text: str) -> bytes:
    """The octets of base58btc text that has no ``z``. ``Malformed`` for a foreign character, ``TooLarge`` over the cap."""
    if len(text) > MAX_BASE58_CHARACTERS:
        raise TooLarge(f"Base58 text has more than {MAX_BASE58_CHARACTERS} characters.")
    if not text.isascii():
        raise Malformed("Base58 text has a character outside its alphabet.")
    digits = text.encode("ascii").translate(_DIGITS)
    if _FOREIGN in digits:
        raise Malformed("Base58 text has a character outside its alphabet.")
    zeros = len(text) - len(text.lstrip("1"))
    number = int.from_bytes(digits)
    for shift, mask, worth in _FOLDS[1 << max(len(digits) - 1, 0).bit_length()]:
        number = (number & mask) + (number >> shift & mask) * worth
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


def base64url_encode(octets: bytes) -> bytes:
    """Octets as base64url text without padding (RFC 4648, section 5), as ASCII."""
    return b2a_base64(octets, newline=False).rstrip(b"=").translate(_FROM_BASE64)


def base64url_decode(text: bytes) -> bytes:
    """The octets of base64url text: no padding, no foreign character, no stray bits in the last character."""
    excess = len(text) % 4
    if excess and (excess == 1 or text[-1] not in _CLEAN_LAST[excess]):
        raise Malformed("This is not base64url without padding.")
    if b"+" in text or b"/" in text or b"=" in text or b"\\" in text:  # the last begins an escape of JSON
        raise Malformed("This is not base64url without padding.")
    try:  # two replacements look for one octet each, which takes a tenth of the time of a translation
        padded = (text.replace(b"-", b"+").replace(b"_", b"/"), b"=" * (-len(text) % 4))
        return _BASE64_STRING.decode(b'"%b%b"' % padded)
    except msgspec.MsgspecError as error:
        raise Malformed("This is not base64url without padding.") from error


def multibase_base58(octets: bytes) -> str:
    """``z`` and base58btc."""
    return "z" + base58_encode(octets)


def multibase_base64url(octets: bytes) -> str:
    """``u`` and base64url."""
    return "u" + base64url_encode(octets).decode("ascii")


def octets_of_base58(text: object) -> bytes:
    """The octets of a multibase text that must be base58btc. ``Malformed`` for any other value."""
    if not isinstance(text, str) or not text.startswith("z"):
        raise Malformed("This is no multibase text in base58btc, which starts with «z».")
    return base58_decode(text[1:])


def octets_of_base64url(text: object) -> bytes:
    """The octets of a multibase text that must be base64url. ``Malformed`` for any other value."""
    if not isinstance(text, str) or not text.startswith("u") or not text.isascii():
        raise Malformed("This is no multibase text in base64url, which starts with «u».")
    return base64url_decode(text[1:].encode("ascii"))
