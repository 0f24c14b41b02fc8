"""A machine of the testbed, and the servers that a backup may go to."""
import os
import shlex
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
ADAGE = os.environ.get("ADAGE", str(PROJECT / ".build/release/adage"))
# The configuration with which the story is told; a module of NixOS, too.
STORY = PROJECT / "Vectors/units/story.nix"

# Machines of one run of the tests have names of their own, so that two runs do not meet.
PREFIX = f"e2e-{os.environ.get('ADAGE_END_TO_END', os.getpid())}-"


@dataclass
class Result:
    status: int
    out: str
    error: str


class Machine:
    """One booted machine. Its methods run commands in it and fail the test if these fail."""

    up = []

    def __init__(self, name):
        self.name = PREFIX + name.lower()

    def testbed(self, *words, check=True, **options):
        """Runs a verb of the testbed."""
        done = subprocess.run(
            [HERE / "testbed", "-n", self.name, *words], capture_output=True, text=True,
            errors="replace", timeout=300, check=False, **options,
        )
        result = Result(done.returncode, done.stdout, done.stderr)
        if check and result.status != 0:
            shown = " ".join(map(str, words))
            raise AssertionError(
                f"{shown}\nfailed with status {result.status}\n{result.out}\n{result.error}"
            )
        return result

    # -- power
    def start(self, network_of=None):
        self.testbed("create", f"{ADAGE}:/usr/local/bin/adage", f"{HERE}/fake_b2.py:/opt/fake_b2.py")
        self.boot(network_of)

    def boot(self, network_of=None):
        self.testbed("up", *([network_of.name] if network_of else []))
        if self not in Machine.up:
            Machine.up.append(self)

    def restart(self):
        self.testbed("restart")

    def crash(self):
        """What has been written stays, as the host keeps its page cache; every process is gone."""
        self.testbed("crash")

    def destroy(self):
        if self in Machine.up:
            Machine.up.remove(self)
        self.testbed("destroy")

    # -- commands
    def sh(self, script, user=None, check=True, text=None):
        """Runs a script of bash, as root or in a user's session."""
        verb = ["user", user] if user else ["exec"]
        script = textwrap.dedent(script)
        return self.testbed(*verb, "bash", "-euo", "pipefail", "-c", script, check=check, input=text or "")

    def out(self, script, user=None):
        return self.sh(script, user).out.strip()

    def succeeds(self, script, user=None):
        return self.sh(script, user, check=False).status == 0

    def begin(self, script):
        """Starts a script and does not wait for it."""
        return subprocess.Popen(
            [HERE / "testbed", "-n", self.name, "exec", "bash", "-euo", "pipefail", "-c",
             textwrap.dedent(script)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )

    def write(self, path, content, mode="0644", owner="root"):
        path = shlex.quote(path)
        self.sh(f"""
            mkdir -p "$(dirname {path})"
            rm -f {path}
            umask 077
            cat >{path}
            chown {owner}: {path}
            chmod {mode} {path}
        """, text=textwrap.dedent(content))

    def read(self, path):
        return self.sh(f"cat {shlex.quote(path)}").out

    def exists(self, path):
        return self.succeeds(f"test -e {shlex.quote(path)}")

    def wait(self, script, user=None):
        """Waits until a script succeeds, a minute at the most."""
        result = self.sh(
            f"for i in $(seq 600); do if ( {script} ) >/dev/null 2>&1; then exit 0; fi; sleep 0.1; done\n"
            f"( {script} )", user, check=False,
        )
        if result.status != 0:
            raise AssertionError(f"waited a minute for: {script}\n{result.out}{result.error}")

    # -- systemd
    def show(self, unit, what):
        return self.out(f"systemctl show --property={what} --value {shlex.quote(unit)}")

    def journal(self, unit=None, since=None):
        """The lines of a unit in this boot, without their prefix."""
        words = ["journalctl", "--sync", ";", "journalctl", "--boot", "--no-pager", "--output=cat"]
        if unit:
            words.append(f"--unit={unit}")
        if since:
            words.append(f"--after-cursor={shlex.quote(since)}")
        return self.sh(" ".join(words)).out

    def cursor(self):
        """A place in the journal, for `since`."""
        return self.out("journalctl --sync; journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'")

    # -- servers
    def serve(self, unit, command, port, environment="", kind="simple"):
        self.sh(f"systemd-run --quiet --unit={unit} --service-type={kind} {environment} {command}")
        self.wait(f"exec 3<>/dev/tcp/127.0.0.1/{port}")

    def serve_rest(self, folder="/srv/rest", user="user", password="passage"):
        # In a file, so that nothing but what a test is about has the password on a command line.
        self.sh(f"mkdir -p {folder}; echo {user}:$(openssl passwd -apr1 {password}) >/srv/passwords")
        self.serve(
            "server-rest",
            f"rclone serve restic --addr 127.0.0.1:8000 --htpasswd /srv/passwords --config /dev/null {folder}", 8000,
        )

    def serve_s3(self):
        environment = "-E PYTHONPATH=/opt/python -E MOTO_S3_CUSTOM_ENDPOINTS=http://127.0.0.1:5000"
        self.serve("server-s3", "python3 -m moto.server -H 127.0.0.1 -p 5000", 5000, environment)

    def serve_b2(self, key="0051master:K005masterkey"):
        self.serve(
            "server-b2",
            "python3 /opt/fake_b2.py --data /srv/b2 --log /var/log/b2.log --certificate /opt/tls/b2.crt "
            f"--private-key /opt/tls/b2.key --key {key}", 443, kind="notify",
        )
