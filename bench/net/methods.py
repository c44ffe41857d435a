# SPDX-License-Identifier: BSD-3-Clause
"""The ways from guest to guest that are compared: each is a name, and how it is attached to a lab."""
from dataclasses import dataclass, field

import steer


@dataclass
class Method:
    name: str
    what: str
    guest_mtu: int
    attach: str
    opts: dict = field(default_factory=dict)

    def set_up(self, lab, settings, steered):
        """Attach both guests; @settings ({"daemon": {..}, "port": .., "tunnel": ..}) is for every cvswd."""
        for side in (0, 1):
            opts = {"mtu": self.guest_mtu, **self.opts} if self.attach != "none" else {}
            if self.attach == "cvsw":
                opts.update(settings)
                cpu = steer.workers(self.attach)[side] if steered else None
                if cpu:
                    opts["daemon"] = {"cpus": cpu, **opts.get("daemon", {})}
            lab.attach(side, self.attach, **opts)
        lab.wait_ping()


BASELINE = "kernel-vxlan"
OURS = "cvsw-sclp"

METHODS = {m.name: m for m in (
    Method("none", "no tunnel: the bare wire", 1500, "none"),
    Method(BASELINE, "the kernel's VXLAN device, in the guest, outer UDP checksums on", 1450, "kernel-vxlan"),
    Method("cvsw-vxlan", "cvsw, VXLAN over UDP (RFC 7348)", 1450, "cvsw", {"transport": "udp"}),
    Method(OURS, "cvsw, VXLAN over SCLP over UDP", 1500, "cvsw"),
    Method("cvsw-sclp-9000", "the same, guests with jumbo frames", 9000, "cvsw"),
    Method("cvsw-sclp-65000", "the same, guests with the largest frames", 65000, "cvsw"),
    Method("cvsw-sclp-ip", "cvsw, VXLAN over SCLP over IP protocol 234", 1500, "cvsw", {"carrier": "ip"}),
)}
