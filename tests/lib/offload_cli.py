# SPDX-License-Identifier: BSD-3-Clause
"""cvsw's offload engine outside of the switch: tests/tools/offload_cli."""
import struct
import subprocess

from frame_gen import NO_VNET, Record, Vnet
from lab import built_path
from netns import LabError

MARK = struct.pack("=I", 0)


def gso(records, shape="flat", seed=1, wire=False):
    """What each Record becomes: a list of lists of Records, empty where it is refused.  @wire: look into tunnels."""
    return _run(["gso", *_options(shape, seed, wire)], b"".join(map(_encode, records)))


def gro(batches, kinds="tcp,udp", shape="flat", seed=1, wire=False):
    """What each batch of frames leaves as, everything flushed at its end: a list of lists of Records."""
    data = b"".join(b"".join(_encode(Record(NO_VNET, f)) for f in batch) + MARK for batch in batches)
    return _run(["gro", *_options(shape, seed, wire), "--kinds", kinds], data)


def _options(shape, seed, wire):
    return ["--shape", shape, "--seed", str(seed), *(["--wire"] if wire else [])]


def _encode(record):
    return struct.pack("=I", Vnet.size + len(record.data)) + record.vnet.pack() + record.data


def _run(args, data):
    cmd = [built_path("tests/tools/offload_cli"), *args]
    p = subprocess.run(cmd, input=data, capture_output=True, timeout=120, check=False)
    if p.returncode:
        raise LabError(f"{' '.join(cmd)}: exit code {p.returncode}\n{p.stderr.decode(errors='replace')}")
    return _decode(p.stdout)


def _decode(data):
    answers, answer, off = [], [], 0
    while off < len(data):
        n = struct.unpack_from("=I", data, off)[0]
        off += 4
        if n:
            answer.append(Record(Vnet.unpack(data[off:off + Vnet.size]), data[off + Vnet.size:off + n]))
            off += n
        else:
            answers.append(answer)
            answer = []
    return answers
