"""Saves the text FILE of lines of 0 and 1 as NumPy does, one array an archive:

python3 spins.py FILE FOLDER
"""
import sys

import numpy as np

bits = np.loadtxt(sys.argv[1], dtype=np.int8)
arrays = {
    "bool": bits.astype(bool),
    "int8": 2 * bits - 1,
    "float64": bits.astype(float),
    "square": (2 * bits.astype(int) - 1).reshape(len(bits), 3, -1),
    "fortran": np.asfortranarray(bits),
    "big": bits.astype(">i4"),
}
for name, array in arrays.items():
    np.savez_compressed(f"{sys.argv[2]}/{name}.npz", spins=array, labels=np.arange(len(bits)))
