"""`adage switch` and its companions: what they change, what they leave alone, and what they undo."""
import json
import re

from case import OnMachine, Repository, job

# Everything outside /etc/adage that a switch may write, to tell whether something is left.
OURS = """
find /etc/systemd /run/systemd/system /usr/local/bin /etc/tmpfiles.d -newer /root/before \\
  \\( -type f -o -type l \\) ! -name adage | sort
"""

SERVICE = """
systemd.services.greeter = {
  wantedBy = [ "multi-user.target" ];
  script = "while :; do echo hello; sleep 1000; done";
};
"""


class Switch(OnMachine):
    """Each test begins with a machine without a configuration."""

    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage")
        cls.machine.sh("mkdir -p /srv/data; echo data >/srv/data/file; touch -d '1 second ago' /root/before")

    def setUp(self):
        self.repository.put(token="a token\n")
        self.addCleanup(self.clean)

    def clean(self):
        self.machine.sh("""
            systemctl stop 'restic-backups-*' greeter 2>/dev/null || true
            adage uninstall >/dev/null 2>&1 || true
            rm -rf /etc/adage /srv/repository /etc/systemd/system/greeter.service.d /run/held
            systemctl daemon-reload; systemctl reset-failed
        """)

    def daily(self, more="", source='paths = [ "/srv/data" ];'):
        return job("daily", f"initialize = true; {source} {more}", "/srv/repository")

    def state(self):
        """What a second switch must not touch."""
        return self.machine.out("""
            systemctl show --property=Id,InvocationID,ActiveEnterTimestampMonotonic,StateChangeTimestampMonotonic \\
              greeter.service restic-backups-daily.timer adage-activate.service
            systemctl show --property=UnitsReloadTimestampMonotonic 2>/dev/null || true
            find /etc/systemd/system /usr/local/bin /etc/adage /run/agenix.d \\
              ! -type d ! -name lock ! -name record.json \\
              -printf '%p %i %T@ %l\\n' | sort
            sha256sum /etc/adage/record.json
        """)

    def test_second_switch_changes_nothing(self):
        self.repository.apply(SERVICE + self.daily() + "age.secrets.token.file = ./token.age;")
        self.assertEqual(self.machine.show("greeter", "ActiveState"), "active")
        before = self.state()
        done = self.repository.switch()
        self.assertEqual(self.state(), before)
        self.assertNotIn("greeter", done.out + done.error)

    def test_what_is_shown_and_done(self):
        text = SERVICE + self.daily() + "age.secrets.token.file = ./token.age;"
        self.repository.configure(text)
        shown = self.repository.switch("--dry-run").out
        for name in ("greeter.service", "restic-backups-daily.service", "restic-backups-daily.timer", "token"):
            self.assertIn(name, shown)
        self.assertNotIn("a token", shown)
        self.assertFalse(self.machine.exists("/etc/adage/current"))
        self.assertEqual(self.machine.out(OURS), "")
        self.repository.switch()
        self.assertEqual(self.machine.read("/run/agenix/token"), "a token\n")
        self.assertEqual(self.machine.out("stat -c %a /etc/adage/current/plan.json"), "600")
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "ActiveState"), "active")
        self.assertTrue(self.machine.exists("/usr/local/bin/restic-daily"))
        # A changed secret: shown by its name, and installed.
        self.repository.put(token="another token\n")
        shown = self.repository.switch().out
        self.assertIn("token", shown)
        self.assertNotIn("another token", shown)
        self.assertEqual(self.machine.read("/run/agenix/token"), "another token\n")

    def test_changed_units_are_restarted_and_removed_ones_go(self):
        self.repository.apply(SERVICE + self.daily())
        before = self.machine.show("greeter", "InvocationID")
        self.repository.apply(SERVICE.replace("hello", "good day") + self.daily())
        self.assertNotEqual(self.machine.show("greeter", "InvocationID"), before)
        self.assertEqual(self.machine.show("greeter", "ActiveState"), "active")
        self.repository.apply(self.daily())
        self.assertEqual(self.machine.show("greeter", "LoadState"), "not-found")
        self.assertFalse(self.machine.succeeds("pgrep -f 'sleep 1000'"))
        self.repository.apply("")
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "LoadState"), "not-found")
        self.assertFalse(self.machine.exists("/usr/local/bin/restic-daily"))

    def test_a_changed_unit_is_reloaded_if_it_asks_for_that(self):
        service = SERVICE + """
            systemd.services.greeter = { reload = "echo reloaded >>/root/reloaded"; reloadIfChanged = true; };
        """
        self.repository.apply(service)
        before = self.machine.show("greeter", "InvocationID")
        self.repository.apply(service.replace("hello", "good day"))
        self.assertEqual(self.machine.show("greeter", "InvocationID"), before)
        self.assertEqual(self.machine.read("/root/reloaded"), "reloaded\n")

    def test_a_running_job_is_not_restarted(self):
        self.machine.sh("mkfifo /run/held")
        held = 'command = [ "cat" "/run/held" ];'
        self.repository.apply(self.daily(source=held))
        self.machine.sh("systemctl start --no-block restic-backups-daily")
        self.machine.wait("systemctl show -P ActiveState restic-backups-daily | grep -qx activating")
        before = self.machine.show("restic-backups-daily", "InvocationID")
        self.repository.apply(self.daily('extraBackupArgs = [ "--tag changed" ];', source=held))
        self.assertEqual(self.machine.show("restic-backups-daily", "InvocationID"), before)
        self.assertEqual(self.machine.show("restic-backups-daily", "ActiveState"), "activating")
        self.machine.sh("echo released >/run/held")
        self.machine.wait("systemctl show -P ActiveState restic-backups-daily | grep -qx inactive")
        self.assertEqual(self.machine.show("restic-backups-daily", "Result"), "success")
        self.assertEqual(self.machine.out("restic-daily dump latest stdin"), "released")

    def test_a_file_changed_by_hand_is_kept(self):
        self.repository.apply(SERVICE + self.daily())
        self.machine.sh("echo '# by hand' >>/etc/systemd/system/greeter.service")
        self.repository.apply(self.daily(), check=False)
        self.assertIn("# by hand", self.machine.read("/etc/systemd/system/greeter.service"))
        self.machine.sh("adage uninstall", check=False)
        self.assertIn("# by hand", self.machine.read("/etc/systemd/system/greeter.service"))
        self.machine.sh("rm /etc/systemd/system/greeter.service; systemctl daemon-reload")

    def test_a_file_that_was_there_is_not_replaced(self):
        self.machine.write("/etc/systemd/system/greeter.service", "[Service]\nExecStart=/bin/true\n")
        self.addCleanup(self.machine.sh, "rm -f /etc/systemd/system/greeter.service")
        done = self.repository.apply(SERVICE, check=False)
        self.assertEqual(done.status, 1)
        self.assertIn("greeter.service", done.error)
        self.assertIn("/bin/true", self.machine.read("/etc/systemd/system/greeter.service"))
        self.assertFalse(self.machine.exists("/etc/adage/current"))

    def test_a_unit_that_systemd_does_not_understand(self):
        self.repository.apply(self.daily())
        before = self.state()
        done = self.repository.apply(
            self.daily() + SERVICE + 'systemd.services.greeter.serviceConfig.Rubbish = "yes";', check=False
        )
        self.assertEqual(done.status, 1)
        self.assertIn("Rubbish", done.error)
        self.assertEqual(self.state(), before)

    def test_a_failure_restores_what_was(self):
        """The secrets cannot be opened, after the units have been checked."""
        self.repository.apply(SERVICE + self.daily())
        before = without_generations(self.state())
        self.machine.sh(f"""
            age-keygen -o /root/other
            age -r "$(age-keygen -y /root/other)" -o {self.repository.folder}/foreign.age /etc/hostname
        """)
        done = self.repository.apply(
            SERVICE.replace("hello", "good day") + "age.secrets.foreign.file = ./foreign.age;", check=False
        )
        self.assertEqual(done.status, 1)
        self.assertIn("foreign", done.error)
        self.assertEqual(without_generations(self.state()), before)
        self.assertEqual(self.machine.read("/run/agenix/daily/password"), "passage")

    def test_two_switches_at_one_time(self):
        """One waits for the other, or says that it is there; none is lost in the middle."""
        self.repository.configure(SERVICE)
        self.repository.configure(SERVICE.replace("hello", "good day"), name="other.nix")
        self.machine.sh(f"""
            cd {self.repository.folder}
            adage switch machine.nix & first=$!
            adage switch other.nix & second=$!
            wait $first || echo first >>/root/refused
            wait $second || echo second >>/root/refused
            test ! -e /root/refused -o "$(wc -l </root/refused)" = 1
        """)
        self.repository.switch()
        self.assertEqual(self.machine.show("greeter", "ActiveState"), "active")
        self.assertIn("hello", self.machine.out("cat /etc/adage/files/*greeter*"))

    def test_rollback(self):
        self.repository.apply(SERVICE + self.daily() + "age.secrets.token.file = ./token.age;")
        self.repository.put(token="the second\n")
        self.repository.apply("age.secrets.token.file = ./token.age;")
        self.assertEqual(self.machine.show("greeter", "LoadState"), "not-found")
        self.machine.sh("adage rollback")
        self.assertEqual(self.machine.show("greeter", "ActiveState"), "active")
        self.assertEqual(self.machine.read("/run/agenix/token"), "a token\n")
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "ActiveState"), "active")

    def test_uninstall(self):
        self.repository.apply(
            SERVICE + self.daily("notify.desktop = true;") + """
                age.secrets.token.file = ./token.age;
                systemd.tmpfiles.rules = [ "d /run/of-a-rule 0755 root root -" ];
            """
        )
        self.assertTrue(self.machine.exists("/run/of-a-rule"))
        self.assertNotEqual(self.machine.out(OURS), "")
        self.machine.sh("systemctl start restic-backups-daily; adage uninstall --purge")
        self.assertEqual(self.machine.out(OURS), "")
        for path in ("/etc/adage", "/run/agenix", "/run/agenix.d", "/etc/tmpfiles.d/adage.conf", "/var/lib/adage"):
            self.assertFalse(self.machine.exists(path), path)
        # The backups stay.
        self.assertTrue(self.machine.exists("/srv/repository/config"))
        self.assertFalse(self.machine.succeeds("findmnt /run/agenix.d"))
        self.assertEqual(self.machine.show("greeter", "LoadState"), "not-found")
        self.assertNotIn("adage", self.machine.out("systemctl list-units --all --no-legend 'adage*'"))

    def test_runtime(self):
        """Units that are gone after a restart lie below /run; nothing of the kind is in /etc/systemd."""
        self.repository.apply(SERVICE, "--runtime")
        self.assertEqual(self.machine.show("greeter", "FragmentPath"), "/run/systemd/system/greeter.service")
        self.assertEqual(self.machine.show("greeter", "ActiveState"), "active")
        self.assertEqual(self.machine.out("find /etc/systemd/system -newer /root/before -name 'greeter*'"), "")

    def test_refused_on_nixos(self):
        self.machine.sh("cp -a /etc/os-release /root/os-release; rm /etc/os-release; echo ID=nixos >/etc/os-release; touch /etc/NIXOS")
        self.addCleanup(self.machine.sh, "rm /etc/NIXOS /etc/os-release; cp -a /root/os-release /etc/os-release")
        done = self.repository.apply(SERVICE, check=False)
        self.assertEqual(done.status, 1)
        self.assertIn("hint:", done.error)
        self.assertIn("module", done.error)
        self.assertFalse(self.machine.exists("/etc/adage/current"))

    def test_status(self):
        self.repository.apply(self.daily() + "age.secrets.token.file = ./token.age;")
        before = self.machine.sh("adage status").out
        self.assertIn("daily", before)
        self.assertIn("token", before)
        self.machine.sh("systemctl start restic-backups-daily")
        parsed = json.loads(self.machine.out("adage status --json"))
        self.assertIn("daily", json.dumps(parsed))
        self.assertNotIn("a token", json.dumps(parsed))

    def test_user_who_cannot_read_its_secret(self):
        done = self.repository.apply(self.daily('user = "arthur";'), check=False)
        self.assertEqual(done.status, 1)
        self.assertIn("arthur", done.error)
        self.assertIn("daily/password", done.error)
        self.assertFalse(self.machine.exists("/etc/adage/current"))


def without_generations(state):
    """The secrets in use may be made anew from the same configuration."""
    return [line for line in state.splitlines() if "/run/agenix.d/" not in line]


class Durability(OnMachine):
    """The test machine keeps its page cache, so that what would survive a power cut is read from system calls."""

    def traced(self, command):
        self.machine.sh(f"""
            strace --follow-forks --output=/root/trace --decode-fds=path \\
              --trace=write,fsync,fdatasync,syncfs,rename,renameat,renameat2 {command}
        """)
        return self.machine.read("/root/trace")

    def test_every_rename_follows_the_flush_of_what_it_renames(self):
        repository = Repository(self.machine)
        repository.put(password="passage", token="a token\n")
        text = job("daily", 'paths = [ "/srv" ];', "/srv/repository") + "age.secrets.token.file = ./token.age;"
        repository.configure(text + SERVICE)
        switch = f"adage switch {repository.folder}/machine.nix"
        trace = self.traced(switch)
        self.assertEqual(unflushed_renames(trace), [])
        # Had nothing been flushed, that would have been found.
        self.assertGreater(len(unflushed_renames(re.sub(r"(?m)^.*sync.*\n", "", trace))), 10)
        # Another configuration, and back.
        repository.put(token="another token\n")
        repository.configure(text)
        for command in (switch, "adage rollback"):
            trace = self.traced(command)
            self.assertIn('"current"', trace)
            self.assertEqual(unflushed_renames(trace), [])


def unflushed_renames(trace):
    """What a power cut could lose: renames of files that were written and not flushed since, and folders of
    renamed files that are not flushed at the end. (The test machine has one file system, which syncfs flushes; what
    lies in /run is in memory anyway.)"""
    dirty, folders, found = set(), set(), []
    for line in trace.splitlines():
        call = re.match(r"\d+ +(\w+)\((.*)", line)
        if not call:
            continue
        name, rest = call.groups()
        path = re.match(r"\d+<(/(?:etc|usr|var)/[^>]*)>", rest)
        if name == "write" and path:
            dirty.add(path[1])
        elif name in ("fsync", "fdatasync") and path:
            dirty.discard(path[1])
            folders.discard(path[1])
        elif name == "syncfs" and path:
            dirty.clear()
        elif name.startswith("rename"):
            (folder, old), (target, new) = re.findall(r'(?:<([^>]*)>, )?"([^"]*)"', rest)[:2]
            source, target = f"{folder}/{old}", f"{target}/{new}"
            # The link to the live configuration: whatever it leads to must be on the disk.
            before = "/etc/adage" if new == "current" else source
            found += [f"{line}: {path}" for path in dirty if path == source or path.startswith(before + "/")]
            if not folder.startswith("/run"):
                folders |= {folder, target.rpartition("/")[0]}
    return found + sorted(f"never flushed: {folder}" for folder in folders)
