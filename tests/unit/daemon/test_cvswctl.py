# SPDX-License-Identifier: BSD-3-Clause
"""cvswctl against cvswd-fake: exit codes, tables, --json, and a server that survives bad clients."""
import json
import os
import socket
import subprocess
import time

import pytest

CTL = os.environ["CVSWCTL"]
FAKE = os.environ["CVSWD_FAKE"]

CONFIG = """
bridges: [{name: br0}]
ports: [{name: p0, bridge: br0, mtu: 9000}, {name: p1, bridge: br0}]
tunnels: [{name: t0, vni: 42, remotes: [10.0.0.1, 10.0.0.2], bridge: br0}]
"""


class Server:
    def __init__(self, tmp):
        self.socket = str(tmp / "dir" / "c.sock")
        self.file = tmp / "c.yaml"
        self.file.write_text(CONFIG)
        self.start()

    def start(self):
        self.proc = subprocess.Popen([FAKE, self.socket, str(self.file)], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
        assert self.proc.stdout.readline() == "ready\n"

    def stop(self):
        self.proc.stdin.close()
        code = self.proc.wait(10)
        self.proc.stdout.close()
        return code

    def ctl(self, *args, code=0):
        r = subprocess.run([CTL, "--socket", self.socket, *args], capture_output=True, text=True, timeout=30,
                           check=False)
        assert r.returncode == code, r
        return r.stdout if code == 0 else r.stderr

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.connect(self.socket)
        s.settimeout(20)
        return s


@pytest.fixture(name="srv")
def server(tmp_path):
    s = Server(tmp_path)
    yield s
    assert s.stop() == 0
    assert not os.path.exists(s.socket)


def line(s):
    got = b""
    while not got.endswith(b"\n"):
        more = s.recv(1)
        if not more:
            break
        got += more
    return got


def test_add_set_del(srv):
    srv.ctl("port", "add", "p2", "type=dummy", "mtu", "1400", "csum=off")
    assert json.loads(srv.ctl("port", "show", "p2", "--json"))["ports"][0]["mtu"] == 1400
    srv.ctl("port", "set", "p2", "mtu=", "bridge=br0")
    p2 = json.loads(srv.ctl("--json", "port", "show", "p2"))["ports"][0]
    assert (p2["mtu"], p2["bridge"], p2["csum"]) == (1500, "br0", False)
    srv.ctl("tunnel", "add", "t1", "type=vxlan", "vni=7", "remotes=10.0.0.1,10.0.0.3", "dscp=46")
    assert "10.0.0.1,10.0.0.3" in srv.ctl("tunnel", "show")
    srv.ctl("port", "del", "p2", "p1")
    assert "p1" not in srv.ctl("port", "show")


@pytest.mark.parametrize("args,code,words", [
    (["port", "add", "p0"], 1, "already"),
    (["port", "add", "x", "bridge=no"], 1, "no bridge 'no'"),
    (["port", "set", "p0", "type=dummy"], 1, "cannot change"),
    (["bridge", "del", "br0"], 1, "members"),
    (["port", "show", "x"], 1, "no port 'x'"),
    (["stats", "x"], 1, "no port or tunnel"),
    (["tunnel", "add", "x", "vni=16777216", "remote=10.0.0.9"], 1, "0 to 16777215"),
    (["port", "add", "x", "mtu=big"], 2, "68 to 65521"),
    (["port", "add", "x", "mtux=1"], 2, "allowed are name"),
    (["port", "add", "x", "mtu=1", "mtu=2"], 2, "twice"),
    (["port", "add"], 2, "name is missing"),
    (["port", "add", "x", "mtu"], 2, "no value"),
    (["port", "set", "p0"], 2, "nothing to change"),
    (["port", "frob"], 2, "add, set, del, show"),
    (["fdb", "add", "foo=1"], 2, "bridge mac port remote"),
    (["fdb", "add", "bridge=br0"], 1, "is missing"),
    (["stats", "--watch", "0"], 2, "0.1 to 3600"),
    (["show", "--watch"], 2, "stats only"),
    (["frob"], 2, "unknown command"),
    (["--frob"], 2, "unknown option"),
    ([], 2, "no command"),
    (["config", "frob"], 2, "save [FILE]"),
])
def test_refusals(srv, args, code, words):
    assert words in srv.ctl(*args, code=code)


def test_tables(srv):
    rows = srv.ctl("port", "show").splitlines()
    assert rows[0].split() == ["NAME", "TYPE", "BRIDGE", "MTU"]
    assert rows[1].split() == ["p0", "tap", "br0", "9000"]
    assert len({len(r) for r in rows}) == 1
    page = srv.ctl("show")
    for word in ("br0", "p0", "t0", "remote 10.0.0.2", "tunnel_remote", "worker"):
        assert word in page
    assert "no configured remote" in srv.ctl("drops")


def test_fdb(srv):
    srv.ctl("fdb", "add", "bridge=br0", "mac=02:00:00:00:00:01", "port", "t0", "remote", "10.0.0.2")
    assert srv.ctl("fdb", "show").splitlines()[1].split() == ["br0", "02:00:00:00:00:01", "t0", "10.0.0.2", "static"]
    assert "forgotten" in srv.ctl("fdb", "flush", "bridge=br0")
    srv.ctl("fdb", "del", "bridge=br0", "mac=02:00:00:00:00:01")
    assert len(srv.ctl("fdb").splitlines()) == 1


def test_watch(srv):
    p = subprocess.Popen([CTL, "--socket", srv.socket, "stats", "--watch", "0.1", "--json"],
                         stdout=subprocess.PIPE, text=True)
    one, two = json.loads(p.stdout.readline()), json.loads(p.stdout.readline())
    p.terminate()
    p.wait()
    p.stdout.close()
    assert two["time_ns"] > one["time_ns"]
    assert two["objects"][0]["rx_packets"] > one["objects"][0]["rx_packets"]


def test_save_and_reload(srv, tmp_path):
    srv.ctl("port", "set", "p1", "mtu=65000")
    srv.ctl("config", "save")
    assert "mtu: 65000" in srv.file.read_text()
    srv.ctl("port", "add", "extra", "type=dummy")
    assert srv.ctl("config", "reload") == "0 added, 0 changed, 1 removed\n"
    srv.ctl("config", "save", str(tmp_path / "mine.yaml"))
    assert srv.ctl("config", "show") == (tmp_path / "mine.yaml").read_text()
    srv.file.write_text("ports: [{name: p0, mtu: 1}]\n")
    assert "c.yaml:1:" in srv.ctl("config", "reload", code=1)
    assert "9000" in srv.ctl("port", "show")


def test_help():
    for args in ([], ["port"], ["port", "add"], ["tunnel", "set"], ["fdb"], ["stats"], ["config"], ["show"]):
        r = subprocess.run([CTL, *args, "--help"], capture_output=True, text=True, check=True)
        assert r.stdout.startswith("Usage: cvswctl")


def test_no_daemon(tmp_path):
    r = subprocess.run([CTL, "--socket", str(tmp_path / "no"), "show"], capture_output=True, text=True, check=False)
    assert r.returncode == 3 and "is cvswd running" in r.stderr


def test_socket_mode_and_second_daemon(srv):
    assert os.stat(srv.socket).st_mode & 0o777 == 0o660
    r = subprocess.run([FAKE, srv.socket], capture_output=True, text=True, check=False, input="")
    assert r.returncode == 1 and "already running" in r.stderr
    srv.ctl("show")


def test_stale_socket_is_replaced(srv):
    srv.proc.kill()
    srv.proc.wait()
    srv.proc.stdin.close()
    srv.proc.stdout.close()
    assert os.path.exists(srv.socket)
    srv.start()
    srv.ctl("show")


def test_lines(srv):
    s = srv.connect()
    # cut anywhere, blank lines between, the last without a newline
    msg = b'{"jsonrpc":"2.0","id":1,"method":"version"}'
    for b in msg:
        s.sendall(bytes([b]))
    s.sendall(b"\n\n  \r\n" + msg + b"\n")
    assert b"cvswd" in line(s)
    assert b"cvswd" in line(s)
    s.sendall(msg)
    s.shutdown(socket.SHUT_WR)
    assert b"cvswd" in line(s)
    assert s.recv(1) == b""


def test_too_long_line_then_good(srv):
    s = srv.connect()
    s.sendall(b"x" * (3 << 20) + b"\n")
    s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"version"}\n')
    assert b"longer than 1 MiB" in line(s)
    assert b"cvswd" in line(s)


def test_pipelined_and_deaf(srv):
    """A client that asks and never reads does not stop the others, nor grow the daemon."""
    s = srv.connect()
    s.setblocking(False)
    sent = 0
    msg = b'{"jsonrpc":"2.0","id":1,"method":"drops.help"}\n' * 100
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            sent += s.send(msg)
        except BlockingIOError:
            time.sleep(0.01)
    assert sent < 4 << 20
    srv.ctl("show")
    s.setblocking(True)
    assert b"tunnel_remote" in line(s)


def test_too_many_clients(srv):
    many = [srv.connect() for _ in range(64)]
    time.sleep(0.2)
    one_more = srv.connect()
    assert b"too many clients" in line(one_more)
    for s in many:
        s.close()
    time.sleep(0.2)
    srv.ctl("show")
