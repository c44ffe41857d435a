# SPDX-License-Identifier: BSD-3-Clause
"""Which packets a train is made of: by cutting it again, with the other engine, and finding every piece among the packets
that went in, byte for byte."""
import functools
import itertools
import struct

import tunnel_gen
from frame_gen import fold


def cut_all(gso, outputs):
    """Cut the trains among @outputs (a list of lists of Records) by @gso: the same shape, each Record a list of frames."""
    trains = [r for out in outputs for r in out if r.vnet.gso_type]
    pieces = iter(gso(trains))
    return [[next(pieces) if r.vnet.gso_type else [r.data] for r in out] for out in outputs]


def groups(packets, pieces):
    """The indices of @packets (Gen or Tunnel) that each of @pieces (lists of frames) is made of; ValueError if any is none of them,
    or one is missing.

    Two things do not survive, neither of them part of what a train is.  Padding of a packet in a train, or inside GRE, is cut off; and
    an IPv4 identification that was the same in all of them counts up afterwards, for struct virtio_net_hdr has no word
    for it.
    """
    whole = {i: p.frame() for i, p in enumerate(packets)}
    cut = {i: whole[i] if p.unpadded() is p else p.unpadded().frame() for i, p in enumerate(packets)}
    out = []
    for frames in pieces:
        taken = _find(whole, frames)
        if taken is None and len(frames) > 1:
            taken = next(filter(None, (_find(cut, f) for f in (frames, *_fixed_id(frames)))), None)
        if taken is None:
            raise ValueError(f"nobody sent {[f.hex() for f in frames]}")
        for i in taken:
            del whole[i], cut[i]
        out.append(taken)
    if whole:
        raise ValueError(f"packets {sorted(whole)} are missing")
    return out


def _find(left, frames):
    """The first index of each of @frames in @left, none twice, or None."""
    taken = []
    for frame in frames:
        i = next((i for i, x in left.items() if x == frame and i not in taken), None)
        if i is None:
            return None
        taken.append(i)
    return taken


def _fixed_id(frames):
    """With the identification of the first one: each choice of the IPv4 headers where it may have been constant."""
    offs = _ip4_offs(frames[0])
    for n in range(1, len(offs) + 1):
        for some in itertools.combinations(offs, n):
            yield [functools.reduce(lambda f, l3: _with_id(f, l3, frames[0][l3 + 4:l3 + 6]), some, f) for f in frames]


def _ip4_offs(frame):
    """Where IPv4 headers are: of the frame, and of one inside a tunnel."""
    inner = tunnel_gen.inner(frame)
    offs = (tunnel_gen.l3_off(frame), *([inner.l3] if inner else []))
    return [l3 for l3 in offs if frame[l3] >> 4 == 4]


# The sum of an IP header does not change, so neither does a checksum in front of it.
def _with_id(frame, l3, ident):
    h = frame[l3:l3 + 4] + ident + frame[l3 + 6:l3 + 10] + b"\0\0" + frame[l3 + 12:l3 + 20]
    return frame[:l3] + h[:10] + struct.pack("!H", 0xFFFF ^ fold(h)) + h[12:] + frame[l3 + 20:]


def text(groups_):
    """As a row of gro_rows.py spells it."""
    return " ".join("".join(map(str, g)) for g in groups_)
