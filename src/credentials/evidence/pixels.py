"""A picture written anew, so that nothing but its pixels is kept: the program that ``intake`` runs apart. It reads the picture
from its standard input; its first argument is the format. It answers the new picture behind an ``=``, or a code.

It imports nothing of ours, so that it starts in a moment, and so that whoever takes it over finds nothing there.
"""

import io
import sys

from PIL import Image, ImageOps

MAX_PIXELS = 50_000_000
"""What a 50 megapixel camera makes; decoded it takes 200 MB."""


def cleaned(octets: bytes, format_name: str) -> bytes:
    """The picture's pixels, upright, written anew in the same format."""
    try:
        with Image.open(io.BytesIO(octets), formats=[format_name]) as image:
            if image.width * image.height > MAX_PIXELS:
                return b"image-too-large"
            return b"=" + _written_anew(image, format_name)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return b"image-too-large"
    except Exception:  # noqa: BLE001 - a decoder of hostile bytes raises what it likes: whatever it is, the picture is not kept
        return b"image-malformed"


def _written_anew(image: Image.Image, format_name: str) -> bytes:
    out = io.BytesIO()
    turned = image.getexif().get(0x0112, 1) != 1
    if image.format == "JPEG" and not turned and image.mode in {"L", "RGB", "CMYK"}:
        image.save(out, "JPEG", quality="keep", exif=b"", icc_profile=None, comment=b"", xmp=b"")
        return out.getvalue()
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "P":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    plain = Image.new(upright.mode, upright.size)
    plain.paste(upright)
    if format_name == "JPEG":
        plain.save(out, "JPEG", quality=92)
    elif format_name == "WEBP":
        plain.save(out, "WEBP", quality=92, exif=b"")
    else:
        plain.save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(cleaned(sys.stdin.buffer.read(), sys.argv[1]))
