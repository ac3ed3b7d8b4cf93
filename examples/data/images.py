"""Writes digit-images/ from digits.npz: the first rows of each digit as grey PNG files of 8 by 8, one folder for each.

The brightest pixel of the data, 16, becomes 255. Needs nothing but Python: python3 examples/data/images.py
"""

import struct
import zipfile
import zlib
from pathlib import Path

EACH = 6
HERE = Path(__file__).parent


def array(archive, name, width):
    """The values of an npy whose header is of version 1, as chunks of bytes."""
    bytes = archive.read(name)
    start = 10 + struct.unpack_from("<H", bytes, 8)[0]
    return [bytes[at : at + width] for at in range(start, len(bytes), width)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels, side):
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + bytes(pixels[at : at + side]) for at in range(0, len(pixels), side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


with zipfile.ZipFile(HERE / "digits.npz") as archive:
    rows, digits = array(archive, "x.npy", 64 * 4), array(archive, "y.npy", 8)
found = [0] * 10
for place, (row, digit) in enumerate(zip(rows, digits)):
    (digit,) = struct.unpack("<q", digit)
    if found[digit] < EACH:
        found[digit] += 1
        folder = HERE / "digit-images" / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        pixels = [round(value * 255 / 16) for value in struct.unpack("<64f", row)]
        (folder / f"{place:03}.png").write_bytes(png(pixels, 8))
