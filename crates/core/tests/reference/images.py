#!/usr/bin/env python3
"""Pictures as Pillow reads them: files of many kinds, and what `convert` and `resize` make of them.

usage: pip install pillow numpy && python3 images.py > images.json     (made with Pillow 13.0)

`image_dataset_from_directory` and `ImageFolder` decode the same pixels; PyTorch's `Resize` is Pillow's, Keras's is not: it drops
pixels where it makes a picture smaller.
"""
import base64
import io
import json
import struct
import zlib

import numpy as np
from PIL import Image

rng = np.random.default_rng(5)
HEIGHT, WIDTH = 25, 34
y, x = np.mgrid[:HEIGHT, :WIDTH]
scene = np.stack([
    255 * x / WIDTH,
    127 + 120 * np.sin(y / 4),
    255 * ((x - 17) ** 2 + (y - 12) ** 2 < 70),
], axis=-1) + rng.normal(0, 6, (HEIGHT, WIDTH, 3))
scene = np.clip(np.round(scene), 0, 255).astype("u1")
opaque = np.clip(scene[..., :1].astype(int) * 2, 0, 255).astype("u1")
picture = Image.fromarray(scene)


def saved(image, **how):
    out = io.BytesIO()
    image.save(out, **how)
    return out.getvalue()


def png(width, height, depth, colour, passes):
    """A PNG that Pillow does not write: `passes` are arrays of rows, as Adam7 has them."""
    raw = b"".join(b"\0" + row.tobytes() for rows in passes for row in rows)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(len(passes) > 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
interlaced = [np.ascontiguousarray(scene[top::down, left::right]) for left, top, right, down in ADAM7]
wide = (scene.astype(">u2") * 257)
files = {
    "grey": saved(picture.convert("L"), format="PNG"),
    "colour": saved(picture, format="PNG"),
    "transparent": saved(Image.fromarray(np.concatenate([scene, opaque], axis=-1)), format="PNG"),
    "grey and transparent": saved(picture.convert("LA"), format="PNG"),
    "palette": saved(picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=17), format="PNG"),
    "one bit": saved(picture.convert("1"), format="PNG"),
    "16 bits": png(WIDTH, HEIGHT, 16, 2, [wide]),
    "interlaced": png(WIDTH, HEIGHT, 8, 2, interlaced),
    "jpeg grey": saved(picture.convert("L"), format="JPEG", quality=90),
    "jpeg 4:4:4": saved(picture, format="JPEG", quality=95, subsampling=0),
    "jpeg 4:2:0": saved(picture, format="JPEG", quality=75),
    "jpeg 4:2:2": saved(picture, format="JPEG", quality=80, subsampling=1),
    "jpeg progressive": saved(picture, format="JPEG", quality=85, progressive=True, optimize=True),
    "jpeg restarts": saved(picture, format="JPEG", quality=85, restart_marker_blocks=2),
    "jpeg cmyk": saved(picture.convert("CMYK"), format="JPEG", quality=95),
}
SIZES = [(HEIGHT, WIDTH), (9, 12), (28, 20), (40, 45)]
cases = []
for name, file in files.items():
    shown = []
    for height, width in SIZES if name == "colour" else SIZES[:2]:
        for mode in ("L", "RGB"):
            with Image.open(io.BytesIO(file)) as image:
                small = image.convert(mode).resize((width, height), Image.Resampling.BILINEAR)
            shown.append({
                "height": height,
                "width": width,
                "grey": mode == "L",
                "levels": base64.b64encode(np.asarray(small).tobytes()).decode(),
            })
    cases.append({"name": name, "file": base64.b64encode(file).decode(), "shown": shown})
print(json.dumps(cases))
