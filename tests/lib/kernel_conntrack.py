# SPDX-License-Identifier: BSD-3-Clause
"""What the kernel's connection tracking says of SCTP packets.

    with KernelConntrack() as kernel:
        kernel.good_and_bad(frames)    # (how many belong to an association, how many are invalid)

It does not need the kernel's SCTP: it checks the CRC32c, the chain of chunks and the verification tag by itself.  An
association begins with a heartbeat (own_gen.py) here, for DATA alone belongs to none.
"""
import json

from kernel_reassembly import KernelReassembly

RULES = """
table inet judge {
    counter good {}
    counter bad {}
    chain pre {
        type filter hook prerouting priority 0;
        meta l4proto sctp ct state invalid counter name bad accept
        meta l4proto sctp counter name good accept
    }
}
"""


class KernelConntrack(KernelReassembly):
    def _build(self):
        super()._build()
        self.ns.run(["nft", "-f", "-"], input=RULES, stdin=None)

    def good_and_bad(self, frames):
        self.ns.run(["nft", "reset", "counters"])
        assert self.datagrams(frames) == []
        answer = json.loads(self.ns.run(["nft", "-j", "list", "counters"]).stdout)
        packets = {x["counter"]["name"]: x["counter"]["packets"] for x in answer["nftables"] if "counter" in x}
        return packets["good"], packets["bad"]
