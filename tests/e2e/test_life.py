# SPDX-License-Identifier: BSD-3-Clause
"""The life of a daemon: start, reload, crash, restart, stop; what it needs and what it leaves."""
import os
import signal
import stat
import time

import pytest
import rpc
from lab import cvswctl_path, cvswd_path, veth
from netns import has_link, run, wait_for
from scale import MB, sanitized, scaled
from traffic import Copy, Stream, ping, tcp_copy

NET_ADMIN, NET_RAW, SYS_ADMIN = 1 << 12, 1 << 13, 1 << 21


def listdir(path):
    return set(os.listdir(path)) if os.path.isdir(path) else set()


def traces(lab):
    """Everything outside the process that a daemon of @lab could leave behind."""
    ours = {f"cvsw{j.pid}" for host in lab.hosts for j in host.jobs}  # as EAL's files are named
    out = {f"{d}/{x}" for d in ("/run/dpdk", "/tmp/dpdk") for x in listdir(d) if x in ours}
    out |= {f"{d}/{x}" for d in ("/run/cvsw", "/dev/shm") for x in listdir(d)}
    out |= {f"{lab.dir}/{x}" for x in os.listdir(lab.dir) if x.endswith((".sock", ".pid", ".lock"))}
    for ns in [*lab.hosts, *[g for g in lab.guests if g]]:
        out |= {f"{ns.name}: {line.split(':')[1].strip()}" for line in ns.ip("-o", "link").stdout.splitlines()}
    return out


def cpu_seconds(job):
    """Of all threads, by the scheduler's clock: ticks would be charged to whoever runs when one comes."""
    total = 0
    for tid in os.listdir(f"/proc/{job.pid}/task"):
        with open(f"/proc/{job.pid}/task/{tid}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def n_fds(job):
    return len(os.listdir(f"/proc/{job.pid}/fd"))


def test_start_and_stop_leave_nothing(labs):
    """After SIGTERM: exit code 0, no interface, no socket file, nothing of DPDK's."""
    lab = labs()
    lab.guests = [None, None]
    for side in (0, 1):
        lab._guest(side)
    before = traces(lab)
    for side in (0, 1):
        lab.hosts[side].start_cvswd(lab.cvsw_config(side))
    assert traces(lab) > before
    for host in lab.hosts:
        assert host.cvswd.stop(20) == 0, host.cvswd.tail()
        host.cvswd = None
    assert traces(lab) == before


def test_stop_under_load(labs):
    """SIGTERM in the middle of a stream: the same."""
    lab = labs.pair()
    a, b = lab.guests
    Stream(a, b, b.ip4)
    host = lab.hosts[0]
    start = time.monotonic()
    assert host.cvswd.stop(20) == 0, host.cvswd.tail()
    assert time.monotonic() - start < 5
    host.cvswd = None
    assert not has_link(a.name, "tap0") and not os.path.exists(host.control)


def test_socket_is_for_the_group(labs):
    """The control socket: 0660, nothing for others."""
    lab = labs.pair()
    st = os.stat(lab.hosts[0].control)
    assert stat.S_ISSOCK(st.st_mode) and stat.S_IMODE(st.st_mode) == 0o660


def test_second_daemon_on_one_socket_is_refused(labs):
    """It says so and ends; the first one is not disturbed."""
    lab = labs.pair()
    p = lab.hosts[0].run([cvswd_path(), "-c", lab.hosts[0].config_path], check=False, timeout=20)
    assert p.returncode not in (0, -signal.SIGSEGV) and lab.hosts[0].control in p.stderr + p.stdout
    assert ping(lab.guests[0], lab.guests[1].ip4, 3) == 3
    assert rpc.call(lab.hosts[0], "version")


def test_idle_costs_nothing(labs):
    """Two daemons without traffic: less than 0.5 % of a CPU in 5 seconds."""
    lab = labs.pair()
    time.sleep(2)  # neighbours and routers have been solicited
    before = [cpu_seconds(h.cvswd) for h in lab.hosts]
    time.sleep(5)
    used = sum(cpu_seconds(h.cvswd) for h in lab.hosts) - sum(before)
    print(f"{used * 1000:.1f} ms of CPU in 5 s")
    assert used / 5 < 0.005


def reload(host, config):
    host.write_config(config)
    host.cvswd.signal(signal.SIGHUP)


def test_reload_keeps_streams(labs):
    """SIGHUP with another bridge, port and tunnel, then without them: a running stream neither stops nor breaks."""
    lab = labs.pair(daemon={"netns": "on"})
    a, b = lab.guests
    host, fewer = lab.hosts[0], lab.cvsw_config(0, daemon={"netns": "on"})
    more = {**fewer, "bridges": [*fewer["bridges"], {"name": "br1"}],
            "ports": [*fewer["ports"], {"name": "tap1", "type": "tap", "bridge": "br1", "netns": a.name}],
            "tunnels": [*fewer["tunnels"], {**fewer["tunnels"][0], "name": "t1", "vni": 77, "bridge": "br1"}]}
    stream = Stream(a, b, b.ip4)
    for _ in range(scaled(5)):
        reload(host, more)
        wait_for("the new port", lambda: has_link(a.name, "tap1"), 5)
        reload(host, fewer)
        wait_for("the new port to go", lambda: not has_link(a.name, "tap1"), 5)
        stream.wait_more(1)
    stream.stop()
    tcp_copy(lab, a, b, b.ip4, 4 * MB)
    assert {t["name"] for t in rpc.call(host, "show")["tunnels"]} == {"t0"}


def test_reload_of_a_wrong_file_changes_nothing(labs):
    lab = labs.pair()
    host = lab.hosts[0]
    before = rpc.call(host, "show")
    reload(host, {**lab.cvsw_config(0), "tunnels": [{"name": "t9", "type": "vxlan", "vni": 1 << 24, "remotes": ["x"]}]})
    wait_for("the refusal", lambda: "vni" in host.cvswd.output(), 5)
    after = rpc.call(host, "show")
    assert [after[k] for k in ("bridges", "ports", "tunnels")] == [before[k] for k in ("bridges", "ports", "tunnels")]
    assert ping(*[lab.guests[0], lab.guests[1].ip4], 3) == 3


def test_killed_and_restarted_under_load(labs):
    """kill -9 of one daemon while a stream runs; a new one on the same configuration: the same stream goes on within
    2 seconds.  The TAP is persistent, or the guest would lose its interface with the daemon."""
    lab = labs()
    lab.attach_both("cvsw", port={"persistent": True})
    lab.wait_ping()
    a, b = lab.guests
    host = lab.hosts[0]
    stream = Stream(a, b, b.ip4)
    for _ in range(3):
        host.cvswd.signal(signal.SIGKILL)
        host.cvswd.wait()
        start = time.monotonic()
        host.start_cvswd(lab.cvsw_config(0, port={"persistent": True}))
        answers = time.monotonic() - start
        wait_for("ping", lambda: ping(a, b.ip4, 1, wait=0.1) == 1, 5)
        pings = time.monotonic() - start
        stream.wait_more(10)
        goes_on = time.monotonic() - start
        print(f"after a restart: control socket {answers:.2f} s, ping {pings:.2f} s, stream {goes_on:.2f} s")
        assert max(pings, goes_on) < (4 if sanitized() else 2)
    stream.stop()


def test_restarts_leak_nothing(labs):
    """kill -9 and SIGTERM in turns, 50 times: as many interfaces, files of DPDK, sockets and open files as at first."""
    lab = labs.pair()
    host, config = lab.hosts[0], lab.cvsw_config(0)
    traces_before, fds_before = traces(lab), n_fds(host.cvswd)
    for i in range(scaled(50, with_sanitizers=10)):
        host.cvswd.signal(signal.SIGKILL if i % 2 else signal.SIGTERM)
        host.cvswd.wait(20)
        host.jobs.remove(host.cvswd)
        host.start_cvswd(config)
    lab.guests[0].set_up("tap0", 1500)
    lab.wait_ping()
    assert traces(lab) == traces_before
    assert abs(n_fds(host.cvswd) - fds_before) <= 1


def test_objects_come_and_go_without_leaks(labs):
    """Ports and tunnels added and removed by cvswctl while traffic runs: no file descriptor or interface stays."""
    lab = labs()
    lab.attach_both("cvsw", daemon={"netns": "on"})
    lab.wait_ping()
    a, b = lab.guests
    host = lab.hosts[0]
    copy = Copy(lab, a, b, b.ip4, scaled(500, with_sanitizers=50) * MB)
    before = None
    for _ in range(scaled(20)):
        rpc.call(host, "bridge.add", name="brx")
        rpc.call(host, "port.add", name="tapx", type="tap", bridge="brx", netns=a.name)
        rpc.call(host, "tunnel.add", name="tx", type="vxlan", bridge="brx", vni=99,
                 local=host.ip4, remotes=["10.77.0.2"])
        rpc.call(host, "tunnel.del", name="tx")
        rpc.call(host, "port.del", name="tapx")
        rpc.call(host, "bridge.del", name="brx")
        before = before or n_fds(host.cvswd)
    copy.finish(60)
    wait_for("no more open files than before", lambda: n_fds(host.cvswd) <= before, 2)
    assert not has_link(a.name, "tapx")


def test_without_root(labs):
    """CAP_NET_ADMIN and CAP_NET_RAW are enough where no port is to be made in another namespace."""
    lab = labs()
    lab.guests = lab.hosts
    caps = "+net_admin,+net_raw"
    for side, host in enumerate(lab.hosts):
        own = os.path.join(lab.dir, f"own{side}")
        os.chmod(lab.dir, 0o755)
        os.mkdir(own)
        os.chown(own, 65534, 65534)
        host.control = os.path.join(own, "cvswd.sock")
        config = lab.cvsw_config(side)
        del config["ports"][0]["netns"]
        host.write_config(config)
        os.chmod(host.config_path, 0o644)
        host.cvswd = host.start(["setpriv", "--reuid", 65534, "--regid", 65534, "--clear-groups", "--inh-caps", "-all," + caps,
                                 "--ambient-caps", "-all," + caps, "--bounding-set", "-all," + caps,
                                 cvswd_path(), "-c", host.config_path], name="cvswd")
        host.wait_cvswd(config)
        host.ip("addr", "add", f"10.78.0.{side + 1}/24", "dev", "tap0")
    a, b = lab.hosts
    wait_for("ping", lambda: ping(a, "10.78.0.2", 1, wait=0.2) == 1, 10)
    tcp_copy(lab, a, b, "10.78.0.2", 8 * MB)
    assert os.stat(f"/proc/{a.cvswd.pid}").st_uid in (0, 65534)  # 0: not dumpable
    assert capabilities(a.cvswd) == [NET_ADMIN | NET_RAW] * 3


def capabilities(job):
    with open(f"/proc/{job.pid}/status", encoding="ascii") as f:
        status = dict(line.split(":\t", 1) for line in f)
    return [int(status[k], 16) for k in ("CapEff", "CapPrm", "CapBnd")]


def test_rights_are_given_up(labs):
    """Started as root, it keeps no right that it needs no more; SYS_ADMIN only where a port is in a namespace."""
    lab = labs()
    config = lab.cvsw_config(0)
    config["ports"][0].pop("netns")
    lab.hosts[0].start_cvswd(config)
    assert capabilities(lab.hosts[0].cvswd) == [NET_ADMIN | NET_RAW] * 3
    lab.attach(1, "cvsw")
    assert capabilities(lab.hosts[1].cvswd) == [NET_ADMIN | NET_RAW | SYS_ADMIN] * 3


WRONG = {
    "yaml": ("bridges: [\n", "1"),
    "unknown_key": ("bridges:\n  - name: br0\n    colour: red\n", "3"),
    "unknown_section": ("bridgs:\n  - name: br0\n", "1"),
    "vni_too_large": ("bridges: [{name: br0}]\ntunnels:\n  - {name: t, vni: 16777216, bridge: br0, remotes: [10.0.0.1]}\n", "3"),
    "no_such_bridge": ("ports:\n  - {name: p, type: tap, bridge: nowhere}\n", "2"),
    "mixed_families": ("bridges: [{name: br0}]\ntunnels:\n  - {name: t, vni: 1, remotes: [10.0.0.1, 'fd00::1']}\n", "3"),
    "name_twice": ("bridges:\n  - {name: br0}\n  - {name: br0}\n", "3"),
    "no_interface": ("ports:\n  - {name: nothere0, type: af_packet}\n", None),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_configuration(labs, case):
    """It is refused with an exit code, the line and a reason; nothing of it was made."""
    lab = labs()
    text, line = WRONG[case]
    host = lab.hosts[0]
    before = traces(lab)
    host.write_config(f"{text}")
    with open(host.config_path, "a", encoding="utf-8") as f:
        f.write(f"\ndaemon: {{control: {host.control}}}\n" if case != "yaml" else "")
    p = host.run([cvswd_path(), "-c", host.config_path], check=False, timeout=20)
    said = p.stderr + p.stdout
    assert p.returncode not in (0, None) and 0 < p.returncode < 126, said
    assert line is None or f":{line}:" in said or f"line {line}" in said, said
    assert len(said) > 20 and "AddressSanitizer" not in said
    assert traces(lab) == before


def test_half_a_configuration_is_undone(labs):
    """The last port cannot be made: the first ones are gone again too."""
    lab = labs()
    host = lab.hosts[0]
    before = traces(lab)
    host.write_config({"daemon": {"control": host.control}, "bridges": [{"name": "br0"}],
                       "ports": [{"name": "tap0", "type": "tap", "bridge": "br0"},
                                 {"name": "nothere0", "type": "af_packet", "bridge": "br0"}]})
    p = host.run([cvswd_path(), "-c", host.config_path], check=False, timeout=20)
    assert 0 < p.returncode < 126 and "nothere0" in p.stderr + p.stdout
    assert traces(lab) == before


def test_no_configuration_file(labs):
    lab = labs()
    p = lab.hosts[0].run([cvswd_path(), "-c", f"{lab.dir}/none.yaml"], check=False)
    assert 0 < p.returncode < 126 and "none.yaml" in p.stderr


def test_ctl_against_a_dead_daemon(labs):
    """One clear sentence with the path, an exit code, no wait; also when a socket file is left."""
    lab = labs.pair()
    host = lab.hosts[0]
    assert host.ctl("show").returncode == 0
    host.cvswd.signal(signal.SIGKILL)
    host.cvswd.wait()
    host.cvswd = None
    for _ in range(2):
        p = run([cvswctl_path(), "--socket", host.control, "show"], check=False, timeout=10)
        assert p.returncode not in (0, 139) and host.control in p.stderr and not p.stdout
        if os.path.exists(host.control):
            os.unlink(host.control)


def test_container_restarts(labs):
    """A container's veth goes and comes again under its name: the port attaches to the new one by itself."""
    lab = labs()
    lab.attach(1, "cvsw")
    host, guest = lab.hosts[0], lab._guest(0)
    config = lab.cvsw_config(0)
    config["ports"] = [{"name": "ct0", "type": "af_packet", "bridge": "br0"}]
    for restart in range(2):
        veth(host, "ct0", guest, "eth0")
        host.ip("link", "set", "ct0", "up")
        if not restart:
            host.start_cvswd(config)
        guest.set_up("eth0", 1500)
        lab.wait_ping()
        host.ip("link", "del", "ct0")


def test_deleted_tap_comes_back(labs):
    """A TAP deleted behind cvswd's back is made anew."""
    lab = labs.pair()
    guest = lab.guests[0]
    guest.ip("link", "del", "tap0")
    wait_for("the TAP to come back", lambda: has_link(guest.name, "tap0"), 10)
    guest.set_up("tap0", 1500)
    lab.wait_ping()
