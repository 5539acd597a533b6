"""Computes free energies with NumPy, as each program defines its machine, from the
files that isingrbm writes, and prints them as JSON:

python3 freeenergy.py MODEL.npz BITS.npy CONFIGURATIONS.npz LAYOUT=FILE.npz ...

BITS.npy holds configurations of 0 and 1, CONFIGURATIONS.npz the same of -1 and 1.
"""
import json
import sys

import numpy as np


def softplus(x):
    return np.logaddexp(0.0, x).sum(axis=1)


def arrays(path, types):
    """The arrays of an archive, which must be of these names and types alone."""
    with np.load(path, allow_pickle=False) as archive:
        found = {name: archive[name] for name in archive.files}
    assert {name: a.dtype.str for name, a in found.items()} == types, found
    return found


def own(path):
    m = arrays(path, {"W": "<f4", "b": "<f4", "c": "<f4", "metadata": "|u1"})
    W, b, c = (m[name].astype(float) for name in "Wbc")
    return -(bits @ b) - softplus(bits @ W + c)


def qucumber(path):
    """BinaryRBM.effective_energy: F.linear(v, weights, hidden_bias)."""
    m = arrays(path, dict.fromkeys(["weights", "visible_bias", "hidden_bias"], "<f8"))
    return -(bits @ m["visible_bias"]) - softplus(bits @ m["weights"].T + m["hidden_bias"])


def sklearn(path):
    """BernoulliRBM._free_energy."""
    m = arrays(path, dict.fromkeys(["components_", "intercept_visible_", "intercept_hidden_"], "<f8"))
    return -(bits @ m["intercept_visible_"]) - softplus(bits @ m["components_"].T + m["intercept_hidden_"])


def rbms(path):
    """_compute_energy_visibles of a BBRBM."""
    m = arrays(path, dict.fromkeys(["weight_matrix", "vbias", "hbias"], "<f4"))
    W, b, c = (m[name].astype(float) for name in ["weight_matrix", "vbias", "hbias"])
    return -(bits @ b) - softplus(c + bits @ W)


def spin(path):
    """-ln of the sum over tau = +1 and -1 of exp(-E): a product of 2 cosh."""
    m = arrays(path, dict.fromkeys(["w", "a", "b"], "<f8"))
    x = spins @ m["w"] + m["b"]
    return -(spins @ m["a"]) - np.logaddexp(x, -x).sum(axis=1)


model, bits_path, spins_path, *layouts = sys.argv[1:]
bits = np.load(bits_path, mmap_mode="r")
with np.load(spins_path, allow_pickle=False) as archive:
    spins, magnetization = archive["spins"], archive["magnetization"]
    packing = json.loads(archive["metadata"].tobytes())["packing"]
assert bits.dtype == spins.dtype == np.int8 and bits.shape == spins.shape
assert (spins == 2 * bits - 1).all() and (spins.sum(axis=1) == magnetization).all() and "-1 = down" in packing
bits, spins = bits.astype(float), spins.astype(float)

energies = {"own": own(model).tolist()}
for layout, path in (argument.split("=") for argument in layouts):
    read = {"qucumber": qucumber, "sklearn": sklearn, "rbms": rbms, "spins": spin}[layout]
    energies[layout] = read(path).tolist()
    # Saved again by NumPy, the weights in Fortran's order as scikit-learn keeps them.
    with np.load(path) as archive:
        np.savez_compressed(path.replace(".npz", ".saved.npz"), **{name: np.asfortranarray(archive[name]) for name in archive.files})
print(json.dumps(energies))
