# SPDX-License-Identifier: BSD-3-Clause
"""Everything two guests may say to each other, checked to the last byte."""
from traffic import ping, tcp_copy, udp_ask, udp_burst

PING_HLEN, PING6_HLEN = 28, 48


def datagram_sizes(mtu):
    """Around every edge: of Ethernet's minimum, of the guests' MTU, of what UDP can say."""
    fits = mtu - PING_HLEN
    return sorted({0, 1, 17, 18, 19, 100, 1000, 1400, 1472, 1473, fits - 1, fits, fits + 1, 4000, 16000, 65507} - {-1})


def pings(a, b, mtu):
    """Small and largest frames, with DF, and larger ones in fragments."""
    for addr, hlen in ((b.ip4, PING_HLEN), (b.ip6, PING6_HLEN)):
        for size, df in ((0, True), (56, True), (mtu - hlen, True), (min(mtu * 2, 60000), False)):
            n = ping(a, addr, 3, size, df)
            assert n == 3, f"{n} of 3 pings of {size} bytes to {addr}"


def bursts(a, b, mtu):
    """Trains of datagrams, which a guest's kernel hands over in one piece (USO)."""
    size = min(mtu - PING6_HLEN, 1400)
    for addr in (b.ip4, b.ip6):
        report = udp_burst(a, b, addr, size, 8, 40)
        assert report == {"received": 320, "bad": 0, "out_of_order": 0}


def exchange(lab, mtu, n_bytes):
    """All of it, both ways."""
    a, b = lab.guests
    for x, y in ((a, b), (b, a)):
        pings(x, y, mtu)
        tcp_copy(lab, x, y, y.ip4, n_bytes)
        udp_ask(x, y, y.ip4, datagram_sizes(mtu))
        bursts(x, y, mtu)
    tcp_copy(lab, a, b, b.ip6, n_bytes // 4)
    udp_ask(a, b, b.ip6, datagram_sizes(mtu))
