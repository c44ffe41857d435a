# SPDX-License-Identifier: BSD-3-Clause
"""Our GSO and GRO beside the kernel's, packet by packet and byte by byte.

The kernel is driven by kernel_offload.py, ours is tests/tools/offload_cli.  The tables are gso_cases.py, gro_rows.py and
gro_streams.py.

What may differ, and nothing else: where gro_rows.py says so, with the reason; the order of packets of one flow, which the
kernel does not keep where it cannot use one; in struct virtio_net_hdr `hdr_len`, a hint, and DATA_VALID, which says who
has looked at a checksum.

Not here: the limit of 64 datagrams in a UDP train, for a poll takes 64 packets and two of them are markers; two VLAN tags
in GRO, of which the kernel can have only one beside the packet; tunnels: test_offload_kernel_tunnels.py.
"""
import collections

import gro_groups
import gro_streams
import gso_cases
import offload_cli
import pytest
from both_gro import BothGro, common_trains_are_equal, frames, merged, one_frame, trains
from frame_gen import GSO_NONE
from gro_rows import JOINED, ROWS
from kernel_offload import KernelOffload
from netns import LabError
from scale import scaled

SHAPES = ("flat", "cut", "shared", "exact")
GSO_CASES = gso_cases.cases(scaled(200))
GRO_CASES = {f"{row.name}-{kind}": (row, kind) for row in ROWS for kind in row.kinds}
SEEDS = range(scaled(20))
STREAM, BATCH = 300, 60  # packets; flushed after each batch
# Where ours merges and the kernel does not.
WIDER = {"padding_first", "padding_second_tcp", "padding_second_udp"}


@pytest.fixture(scope="module")
def kernel():
    with KernelOffload() as k:
        yield k


# ---- GSO ----


@pytest.fixture(scope="module")
def kernel_gso(kernel):
    """{name: frames on the wire}"""
    return dict(zip(GSO_CASES, kernel.gso(GSO_CASES.values())))


@pytest.fixture(scope="module")
def our_gso():
    """{shape of the chains: {name: Records}}"""
    return {s: dict(zip(GSO_CASES, offload_cli.gso(GSO_CASES.values(), s, seed=i))) for i, s in enumerate(SHAPES)}


@pytest.mark.parametrize("name", GSO_CASES)
def test_gso(kernel_gso, our_gso, name):
    """The same packets, whatever the shape of the mbuf chain, and nothing left to do for whoever sends them."""
    record = GSO_CASES[name]
    wire = kernel_gso[name]
    hlen, size = record.vnet.hdr_len, record.vnet.gso_size
    assert len(wire) == -(-(len(record.data) - hlen) // size)
    for shape, outputs in our_gso.items():
        assert frames(outputs[name]) == wire, shape
        assert {r.vnet.gso_type for r in outputs[name]} == {GSO_NONE}
        assert not any(r.vnet.flags & ~2 for r in outputs[name])


@pytest.mark.parametrize("name", gso_cases.refused())
def test_gso_refused(kernel, name):
    """A header that contradicts the frame: neither takes it."""
    record = gso_cases.refused()[name]
    assert offload_cli.gso([record]) == [[]]
    with pytest.raises(LabError, match="Invalid argument"):
        kernel.gso([record])


# ---- GRO ----


@pytest.fixture(scope="module")
def rows(kernel):
    both = BothGro(kernel, [row.packets(kind) for row, kind in GRO_CASES.values()])
    return both, {name: i for i, name in enumerate(GRO_CASES)}


@pytest.mark.parametrize("name", GRO_CASES)
def test_gro(rows, name):
    """The outcomes are those of the table; a train is the frame that holds the payload of all, and what both merged is
    the same to the last byte."""
    both, index = rows
    row, i = GRO_CASES[name][0], index[name]
    ours = both.ours(i)
    assert gro_groups.text(ours.groups) == row.ours
    for group, record in trains(ours).items():
        assert record == one_frame([both.batches[i][k] for k in group])
    if not row.kernel_is_known():
        return
    theirs = both.of_kernel(i, row.lost)
    assert gro_groups.text(theirs.groups) == row.kernel
    assert common_trains_are_equal(ours, theirs)


def test_gro_table():
    """Every difference has its reason, and where ours merges more is known."""
    assert len({r.name for r in ROWS}) == len(ROWS)
    for row in ROWS:
        assert bool(row.why) == (merged(row.ours) != merged(row.kernel)), row.name
        assert not row.why or row.why.startswith("ours: " + ("together" if row.ours == JOINED else "apart") + " because ")
    assert {r.name for r in ROWS if merged(r.ours) - merged(r.kernel)} == WIDER


def test_gro_kinds(kernel):
    """Only what was asked for: the kernel's switch for UDP is one of the device, ours is one of the caller."""
    batches = [GRO_CASES[f"nothing_differs-{kind}"][0].packets(kind) for kind in ("tcp4", "tcp6", "udp4", "udp6")]
    data = [[p.frame() for p in batch] for batch in batches]
    for kinds, n in (("tcp", [1, 1, 2, 2]), ("udp", [2, 2, 1, 1]), ("tcp,udp", [1, 1, 1, 1])):
        assert [len(out) for out in offload_cli.gro(data, kinds)] == n
    kernel.gro_of_udp("off")
    try:
        assert [len(out) for out in kernel.gro(data)] == [1, 1, 2, 2]
    finally:
        kernel.gro_of_udp("on")


# ---- random streams ----


@pytest.fixture(scope="module")
def streams(kernel):
    """Batches of (flow, packet), and both engines' outcomes: lists of the same length."""
    batches = []
    for seed in SEEDS:
        packets = gro_streams.stream(seed, STREAM)
        batches += [packets[i:i + BATCH] for i in range(0, STREAM, BATCH)]
    both = BothGro(kernel, [[p for _, p in batch] for batch in batches])
    n = range(len(batches))
    return batches, [both.of_kernel(i) for i in n], [both.ours(i) for i in n]


def test_stream_trains_are_equal(streams):
    """(That both give back the packets that went in is what made the fixture.)"""
    for _, theirs, ours in zip(*streams):
        assert common_trains_are_equal(ours, theirs)


def test_stream_order(streams):
    """Ours keeps the order of a flow, which source addresses tell apart too.

    (The first of equal packets stands for all of them.)"""
    for batch, _, ours in zip(*streams):
        seen = collections.defaultdict(list)
        for i in (i for g in ours.groups for i in g):
            flow, packet = batch[i]
            seen[flow, packet.mac].append(i)
        assert all(x == sorted(x) for x in seen.values())


def test_stream_merges_no_more_than_the_kernel(kernel, streams):
    """What ours merged, the kernel did too, or it does when it sees these packets alone: where one of both ended a train
    earlier, for whatever reason, the next one starts at another packet, and has another size."""
    alone = []
    for batch, theirs, ours in zip(*streams):
        whole = [set(g) for g in theirs.groups]
        alone += [[batch[i][1].frame() for i in g] for g in ours.groups if not any(w.issuperset(g) for w in whole)]
    assert [len(out) for out in kernel.gro(alone)] == [1] * len(alone)
    print(f"{len(alone)} trains that the kernel cut elsewhere")


def test_stream_ratio(streams, record_property):
    """How much both merge.  The kernel lets packets that it cannot use overtake, and merges what is before with what is
    behind; that costs ours less than a tenth."""
    batches, theirs, ours = streams
    n = sum(map(len, batches))
    ratio = {name: n / sum(len(o.groups) for o in outcomes) for name, outcomes in (("kernel", theirs), ("ours", ours))}
    for name, value in ratio.items():
        record_property(f"packets in, packets out, {name}", round(value, 3))
        print(f"{name}: {value:.2f} packets became one")
    assert ratio["kernel"] > 2
    assert ratio["ours"] > 0.9 * ratio["kernel"]
