# SPDX-License-Identifier: BSD-3-Clause
"""cvsw's plain VXLAN against the kernel's: what the rest of the world speaks."""
import pytest
from capture import no_csum_offload
from exchange import exchange
from rpc import dropped
from scale import MB, scaled

MTU = {4: 1450, 6: 1430}


def interoperate(lab, family, n_bytes, tunnel=None, **kernel):
    lab.attach(0, "cvsw", transport="udp", family=family, mtu=MTU[family], tunnel=tunnel)
    lab.attach(1, "kernel-vxlan", family=family, **kernel)
    # The kernel leaves the inner checksum to the device, and veth leaves it undone: no network does that.
    no_csum_offload(lab.hosts[1])
    lab.wait_ping()
    exchange(lab, MTU[family], n_bytes)
    assert dropped(lab.hosts[0], "tunnel_header", "tunnel_key", "tunnel_remote", "underlay_error") == 0


@pytest.mark.parametrize("family", [4, 6])
def test_kernel_vxlan(labs, family):
    """Both ways, TCP (32 MB and more), UDP and ping, inner IPv4 and IPv6."""
    interoperate(labs(), family, scaled(32) * MB)


def test_kernel_vxlan_no_checksums(labs):
    """Neither side computes the outer UDP checksum, which IPv4 allows; a checksum of 0 is accepted."""
    interoperate(labs(), 4, scaled(8) * MB, tunnel={"csum": "off"}, csum=False)


def test_kernel_vxlan_behind_a_bridge(labs):
    """The kernel's usual set-up: the guest is a veth pair and a bridge away from the VXLAN device."""
    interoperate(labs(), 4, scaled(8) * MB, bridge=True)
