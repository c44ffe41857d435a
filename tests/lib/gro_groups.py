# SPDX-License-Identifier: BSD-3-Clause
"""Which packets a train is made of: by cutting it again, with the other engine, and finding every piece among the packets
that went in, byte for byte."""
import struct

from frame_gen import fold


def cut_all(gso, outputs):
    """Cut the trains among @outputs (a list of lists of Records) by @gso: the same shape, each Record a list of frames."""
    trains = [r for out in outputs for r in out if r.vnet.gso_type]
    pieces = iter(gso(trains))
    return [[next(pieces) if r.vnet.gso_type else [r.data] for r in out] for out in outputs]


def groups(packets, pieces):
    """The indices of @packets (Gen) that each of @pieces (lists of frames) is made of; ValueError if any is none of them,
    or one is missing.

    Two things do not survive, neither of them part of what a train is.  Padding of a packet in a train is cut off; and
    an IPv4 identification that was the same in all of them counts up afterwards, for struct virtio_net_hdr has no word
    for it.
    """
    whole = {i: p.frame() for i, p in enumerate(packets)}
    cut = {i: p.edit(pad=0).frame() if p.pad else whole[i] for i, p in enumerate(packets)}
    out = []
    for frames in pieces:
        taken = _find(whole, frames)
        if taken is None and len(frames) > 1:
            taken = _find(cut, frames) or _find(cut, _fixed_id(frames))
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
    """With the identification of the first one."""
    l3 = _ip4_off(frames[0])
    return [_with_id(f, l3, frames[0][l3 + 4:l3 + 6]) for f in frames] if l3 else frames


def _ip4_off(frame):
    off = 12
    while frame[off:off + 2] in (b"\x81\x00", b"\x88\xa8"):
        off += 4
    return off + 2 if frame[off:off + 2] == b"\x08\x00" else 0


def _with_id(frame, l3, ident):
    h = frame[l3:l3 + 4] + ident + frame[l3 + 6:l3 + 10] + b"\0\0" + frame[l3 + 12:l3 + 20]
    return frame[:l3] + h[:10] + struct.pack("!H", 0xFFFF ^ fold(h)) + h[12:] + frame[l3 + 20:]


def text(groups_):
    """As a row of gro_rows.py spells it."""
    return " ".join("".join(map(str, g)) for g in groups_)
