"""Reads a machine with NumPy, prints what it holds as JSON, and saves it again:

python3 machine.py FILE SAVED COMPRESSED
"""
import json
import sys

import numpy as np

path, saved, compressed = sys.argv[1:]
with np.load(path, allow_pickle=False) as archive:
    arrays = {name: archive[name] for name in archive.files}
np.savez(saved, **arrays)
np.savez_compressed(compressed, **arrays)
print(json.dumps({
    "arrays": {name: {"dtype": a.dtype.str, "shape": list(a.shape), "c_order": bool(a.flags.c_contiguous)} for name, a in arrays.items()},
    # float32 to text and back is exact with 9 digits.
    "W": [["%.9g" % x for x in row] for row in arrays["W"]],
    "b": ["%.9g" % x for x in arrays["b"]],
    "c": ["%.9g" % x for x in arrays["c"]],
    "metadata": list(json.loads(arrays["metadata"].tobytes()).items()),
}))
