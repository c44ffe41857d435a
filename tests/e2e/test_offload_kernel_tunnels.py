# SPDX-License-Identifier: BSD-3-Clause
"""Our GSO and GRO beside the kernel's for what is inside VXLAN, Geneve, GRE and NVGRE, packet by packet and byte by byte.

As test_offload_kernel.py; the tables are gso_cases_tunnel.py, gro_rows_vxlan.py, gro_rows_tunnel.py and gro_streams.py.  A
train in a tunnel is a frame with all its outer headers and the struct virtio_net_hdr of the inner packet, the same from
packet sockets as from ours, so all of its bytes can be compared: outer lengths count the whole train, and an outer checksum that is there is owed
as the inner one is, so that both fields hold the sum of a pseudo-header.

What may differ, and nothing else: what may without a tunnel; whether an identification counts or is constant, outside or
inside, which struct virtio_net_hdr has no word for (gro_groups.py); and in a train GRE's checksum, which the kernel leaves as it was
in the first packet.

The kernel cannot judge all: what its GRO makes of Geneve with options, where it has no Geneve devices; GSO of GRE with a
checksum, with VLAN tags inside or behind a longer outer header (tap_gso.py).  For these there is test_offload_judges.py.
"""
import collections

import gro_rows_tunnel
import gro_rows_vxlan
import gro_streams
import gso_cases
import gso_cases_tunnel
import offload_cli
import pytest
import tap_gso
import tunnel_gen
from both_gro import BothGro, common_trains_are_equal, frames, merged, one_frame, trains
from frame_gen import GSO_NONE
from gro_groups import text
from gro_rows import JOINED
from kernel_offload import KernelOffload
from kernel_vxlan import TUNNELS, KernelVxlan, super_of
from scale import scaled

SHAPES = ("flat", "cut", "shared", "exact")
GSO_CASES = gso_cases_tunnel.cases(gso_cases_tunnel.FEW, scaled(200))
# Super-frames of one segment: Linux 6.18 takes them for plain packets, of which it pays the inner checksum only.
ONE_SEGMENT = {n for n, r in GSO_CASES.items() if r.vnet.hdr_len + r.vnet.gso_size >= len(r.data)}
INTO_TUNNEL = {
    n: r for n, r in gso_cases.cases(scaled(50)).items()
    if len(r.data) < 65400  # there must be room for more headers
    and not n.startswith("qinq")  # the kernel cuts these in front of the tunnel, as so many frames
}
NOT_BY_KERNEL = {n for n, r in GSO_CASES.items() if not (tunnel_gen.inner(r.data).is_udp or tap_gso.can_be_gre(r))}
ROWS = gro_rows_vxlan.ROWS + gro_rows_tunnel.GENEVE + gro_rows_tunnel.GRE
GRO_CASES = {f"{row.name}-{kind}": (row, kind) for row in ROWS for kind in row.kinds}
WITH_OPTIONS = {f"{row.name}-{kind}": (row, kind) for row in gro_rows_tunnel.OPTIONS for kind in row.kinds}
SEEDS = range(scaled(10))
STREAM, BATCH = 300, 60
# Where ours merges and the kernel does not.
WIDER = {"padding_first", "padding_second_udp", "outer_padding_second_checksum", "outer_padding_second_no_checksum",
         "outer_padding_second_tcp", "inner_padding_first", "inner_padding_second_tcp", "inner_padding_second_udp"}
STREAM_TUNNELS = (*gso_cases_tunnel.VXLAN, "geneve4", "geneve6_zero", "gre4", "grekey6", "nvgre4", "gretap6", "gresum4")


@pytest.fixture(scope="module")
def kernel():
    with KernelOffload(tunnels=True) as k:
        yield k


# ---- GSO ----


@pytest.fixture(scope="module")
def our_gso():
    """{shape of the chains: {name: Records}}"""
    return {s: dict(zip(GSO_CASES, offload_cli.gso(GSO_CASES.values(), s, i, wire=True))) for i, s in enumerate(SHAPES)}


@pytest.fixture(scope="module")
def kernel_gso(kernel):
    """{name: frames on the wire}"""
    names = [n for n, r in GSO_CASES.items() if kernel.can_cut(r)]
    return dict(zip(names, kernel.gso([GSO_CASES[n] for n in names])))


@pytest.mark.parametrize("name", [n for n in GSO_CASES if n not in ONE_SEGMENT | NOT_BY_KERNEL])
def test_gso(kernel_gso, our_gso, name):
    """The same packets, whatever the shape of the mbuf chain, and nothing left to do for whoever sends them."""
    record = GSO_CASES[name]
    if name not in kernel_gso:
        pytest.skip("super-frames in tunnels can be given to later kernels only: UDP 6.17, GRE 6.6")
    wire = kernel_gso[name]
    assert len(wire) == -(-(len(record.data) - record.vnet.hdr_len) // record.vnet.gso_size)
    for shape, outputs in our_gso.items():
        assert frames(outputs[name]) == wire, shape
        assert {r.vnet.gso_type for r in outputs[name]} == {GSO_NONE}
        assert not any(r.vnet.flags & ~2 for r in outputs[name])


@pytest.mark.parametrize("name", sorted(ONE_SEGMENT))
def test_gso_of_one_segment(our_gso, name):
    """The packet with all its checksums."""
    g = tunnel_gen.of_kind(name.rpartition("-")[2])
    plen = len(GSO_CASES[name].data) - g.pay_off
    expected = g.edit(plen=plen, flags=gso_cases.ACK | gso_cases.PSH).frame()
    for outputs in our_gso.values():
        assert frames(outputs[name]) == [expected]


@pytest.fixture(scope="module")
def kernel_vxlan():
    with KernelVxlan() as k:
        yield k


@pytest.mark.parametrize("tunnel", TUNNELS)
def test_gso_of_kernel_tunnel(kernel_vxlan, tunnel):
    """What the kernel's own tunnel sends for a guest's super-frame is what our GSO makes of the same frame in the same
    tunnel: source port and identification of the first packet are taken over."""
    wire = kernel_vxlan.segments(tunnel, INTO_TUNNEL.values())
    supers = [super_of(w[0], r) for w, r in zip(wire, INTO_TUNNEL.values())]
    for shape in SHAPES:
        for name, expected, got in zip(INTO_TUNNEL, wire, offload_cli.gso(supers, shape, wire=True)):
            assert frames(got) == expected, (name, shape)


# ---- GRO ----


@pytest.fixture(scope="module")
def rows(kernel):
    both = BothGro(kernel, [row.packets(kind) for row, kind in GRO_CASES.values()], in_tunnel=True)
    return both, {name: i for i, name in enumerate(GRO_CASES)}


@pytest.mark.parametrize("name", GRO_CASES)
def test_gro(rows, name):
    """The outcomes are those of the table; a train is the frame that holds the payload of all, and what both merged is
    the same to the last byte."""
    both, index = rows
    row, i = GRO_CASES[name][0], index[name]
    ours = both.ours(i)
    assert text(ours.groups) == row.ours
    for group, record in trains(ours).items():
        assert record == one_frame([both.batches[i][k] for k in group])
    if not row.kernel_is_known():
        return
    theirs = both.of_kernel(i, row.lost)
    assert text(theirs.groups) == row.kernel
    if not row.lost:
        assert common_trains_are_equal(ours, theirs)


@pytest.fixture(scope="module")
def with_options():
    """{name: (packets, what leaves)}"""
    batches = [row.packets(kind) for row, kind in WITH_OPTIONS.values()]
    got = offload_cli.gro([[p.frame() for p in batch] for batch in batches], "tcp,udp", "any", wire=True)
    return dict(zip(WITH_OPTIONS, zip(batches, got)))


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_gro_of_geneve_options(with_options, name):
    """Ours alone: what merges is the frame that holds the payload of all, what does not is as it was."""
    packets, got = with_options[name]
    if WITH_OPTIONS[name][0].ours == JOINED:
        assert [r._replace(vnet=r.vnet._replace(hdr_len=0)) for r in got] == [one_frame(packets)]
    else:
        assert frames(got) == [p.frame() for p in packets]


def test_gro_table():
    """Every difference has its reason, and where ours merges more is known."""
    for rows_ in (gro_rows_vxlan.ROWS, gro_rows_tunnel.GENEVE, gro_rows_tunnel.GRE, gro_rows_tunnel.OPTIONS):
        assert len({r.name for r in rows_}) == len(rows_)
    for row in ROWS:
        assert bool(row.why) == (merged(row.ours) != merged(row.kernel)), row.name
    assert {r.name for r in ROWS if merged(r.ours) - merged(r.kernel)} == WIDER


@pytest.mark.parametrize("kind", ["tcp4_in_4", "tcp6_in_6", "udp4_in_4"])
def test_gro_without_vni(kernel, kind):
    """Without its flag VXLAN has no VNI, and who receives that drops it (RFC 7348, 5): to us it is UDP as any other, which
    the kernel does not look at."""
    g = tunnel_gen.of_kind(kind).edit(vx_flags=0)
    packets = [g, g.next()]
    data = [[p.frame() for p in packets]]
    assert frames(offload_cli.gro(data, "tcp", wire=True)[0]) == data[0]
    train, = kernel.gro(data)[0]
    assert train._replace(vnet=train.vnet._replace(hdr_len=0)) == one_frame(packets)


def test_gro_kinds():
    """Only what was asked for of the inner packet: that all is UDP outside plays no role."""
    batches = [[g.frame(), g.next().frame()] for g in map(tunnel_gen.of_kind, ("tcp4_in_4", "tcp6_in_6", "udp4_in_6"))]
    for kinds, n in (("tcp", [1, 1, 2]), ("udp", [2, 2, 1]), ("tcp,udp", [1, 1, 1])):
        assert [len(out) for out in offload_cli.gro(batches, kinds, wire=True)] == n


# ---- random streams ----


@pytest.fixture(scope="module")
def streams(kernel):
    """Batches of (flow, packet), and both engines' outcomes: lists of the same length."""
    batches = []
    for seed in SEEDS:
        packets = gro_streams.tunnel_stream(seed, STREAM, STREAM_TUNNELS)
        batches += [packets[i:i + BATCH] for i in range(0, STREAM, BATCH)]
    both = BothGro(kernel, [[p for _, p in batch] for batch in batches], in_tunnel=True)
    n = range(len(batches))
    return batches, [both.of_kernel(i) for i in n], [both.ours(i) for i in n]


def test_stream_trains_are_equal(streams):
    """(That both give back the packets that went in is what made the fixture.)"""
    for _, theirs, ours in zip(*streams):
        assert common_trains_are_equal(ours, theirs)


def test_stream_order(streams):
    """Ours keeps the order of a flow, which all of the tunnel's header and addresses of the link tell apart too."""
    for batch, _, ours in zip(*streams):
        seen = collections.defaultdict(list)
        for i in (i for g in ours.groups for i in g):
            flow, packet = batch[i]
            gre = [getattr(packet.outer, x, None) for x in ("key", "number")]
            name = flow, packet.inner.mac, packet.outer.mac, packet.outer.addr, packet.head(), *gre
            seen[name].append(i)
        assert all(x == sorted(x) for x in seen.values())


def test_stream_merges_no_more_than_the_kernel(kernel, streams):
    """What ours merged, the kernel did too, or it does when it sees these packets alone."""
    alone = []
    for batch, theirs, ours in zip(*streams):
        whole = [set(g) for g in theirs.groups]
        alone += [[batch[i][1].frame() for i in g] for g in ours.groups if not any(w.issuperset(g) for w in whole)]
    assert [len(out) for out in kernel.gro(alone)] == [1] * len(alone)


def test_stream_ratio(streams):
    """That both merge at all, and ours less by a tenth at most."""
    batches, theirs, ours = streams
    n = sum(map(len, batches))
    kernel_ratio, our_ratio = (n / sum(len(o.groups) for o in outcomes) for outcomes in (theirs, ours))
    print(f"kernel {kernel_ratio:.2f}, ours {our_ratio:.2f} packets became one")
    assert kernel_ratio > 2
    assert our_ratio > 0.9 * kernel_ratio
