"""Jobs that fail: they say why in one line, somebody is told, and what they leave is cleaned up."""
from case import OnMachine, Repository, job


class Failing(OnMachine):
    """Each test has a job of its own, which notes its clean-up and its notice."""

    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage")
        cls.machine.sh("mkdir -p /srv/data; head -c 3000000 /dev/urandom >/srv/data/file")

    def job(self, text, repository=None):
        return job("daily", f"""
            {text}
            timerConfig = null;
            backupCleanupCommand = "echo cleaned >>/root/cleaned";
            notify.command = "echo told >>/root/told";
        """, repository)

    def setUp(self):
        self.machine.sh("rm -f /root/cleaned /root/told; systemctl reset-failed")

    def fails(self, words):
        """Runs the job, which fails and gives this reason once; returns its journal."""
        cursor = self.machine.cursor()
        self.assertFalse(self.machine.succeeds("systemctl start restic-backups-daily"))
        self.machine.wait("test -e /root/told")
        self.assertEqual(self.machine.show("restic-backups-daily", "Result"), "exit-code")
        journal = self.machine.journal("restic-backups-daily", since=cursor)
        self.assertRegex(self.assertOneLine(journal, "restic-backups-daily failed: "), words)
        self.assertEqual(self.machine.read("/root/cleaned"), "cleaned\n")
        self.assertEqual(self.machine.read("/root/told"), "told\n")
        self.assertFalse(self.machine.exists("/run/restic-backups-daily/includes"))
        self.assertIn("failure", self.machine.sh("adage status", check=False).out)
        return journal

    def test_a_wrong_password(self):
        """The repository of another password is left as it is, although `initialize` is set."""
        self.repository.apply(self.job('initialize = true; paths = [ "/srv/data" ];', "/srv/password"))
        self.machine.sh("RESTIC_PASSWORD=another restic --quiet -r /srv/password init")
        before = self.machine.out("find /srv/password -type f | sort | xargs sha256sum")
        journal = self.fails("wrong password")
        self.assertNotIn("has been made", journal)
        self.assertEqual(self.machine.out("find /srv/password -type f | sort | xargs sha256sum"), before)

    def test_a_wrong_key_of_b2(self):
        self.machine.serve_b2()
        self.addCleanup(self.machine.sh, "systemctl stop server-b2")
        self.machine.sh("""
            export HOME=/root
            backblaze-b2 authorize-account 0051master K005masterkey
            backblaze-b2 create-bucket backups-of-root allPrivate
        """)
        self.repository.put(env="B2_ACCOUNT_ID=0051master\nB2_ACCOUNT_KEY=K005wrong\n")
        self.repository.apply("age.secrets.env.file = ./env.age;" + self.job("""
            initialize = true; paths = [ "/srv/data" ];
            environmentFile = config.age.secrets.env.path;
        """, "b2:backups-of-root"))
        journal = self.fails("401|applicationKey")
        self.assertNotIn("K005wrong", journal)

    def test_a_full_disk(self):
        """Where the repository is, and where the cache is."""
        self.machine.sh("""
            mkdir -p /srv/small
            mount -t tmpfs -o size=1m none /srv/small
        """)
        self.addCleanup(self.machine.sh, "umount /srv/small")
        self.repository.apply(self.job('initialize = true; paths = [ "/srv/data" ];', "/srv/small/repository"))
        self.fails("no space left on device")

    def test_a_full_cache(self):
        """restic does without its cache; whatever it does, what it saved is whole."""
        self.repository.apply(self.job('initialize = true; paths = [ "/srv/data" ];', "/srv/cached"))
        self.machine.sh("""
            mkdir -p /var/cache/restic-backups-daily
            mount -t tmpfs -o size=4k none /var/cache/restic-backups-daily
            head -c 4096 /dev/zero >/var/cache/restic-backups-daily/full || true
        """)
        self.addCleanup(self.machine.sh, "umount /var/cache/restic-backups-daily")
        if self.machine.succeeds("systemctl start restic-backups-daily"):
            self.machine.sh("restic-daily --no-cache check --read-data")
        else:
            self.assertOneLine(self.machine.journal("restic-backups-daily"), "no space left on device")

    def test_a_missing_path(self):
        """A strict job fails; another saves the rest, and warns."""
        paths = 'initialize = true; paths = [ "/srv/data" "/srv/missing" ];'
        self.repository.apply(self.job(paths + "strictPaths = true;", "/srv/strict"))
        self.fails("/srv/missing")
        self.repository.apply(self.job(paths, "/srv/lax"))
        cursor = self.machine.cursor()
        self.machine.sh("systemctl start restic-backups-daily")
        self.assertIn("/srv/missing", self.machine.journal("restic-backups-daily", since=cursor))
        self.assertEqual(self.machine.out("restic-daily snapshots --json | jq length"), "1")

    def test_a_command_that_fails(self):
        """No truncated snapshot is left of what it printed before."""
        self.repository.apply(self.job("""
            initialize = true;
            command = [ "sh -c 'echo half of a dump; exit 3'" ];
        """, "/srv/command"))
        self.fails("3")
        self.assertEqual(self.machine.out("restic-daily snapshots --json | jq length"), "0")

    def test_a_clean_up_that_fails(self):
        """The backup is there, and still somebody is told: what the clean-up should have undone is not."""
        self.repository.apply(self.job('initialize = true; paths = [ "/srv/data" ];', "/srv/cleanup").replace(
            "/root/cleaned", "/root/cleaned; exit 3"))
        self.machine.sh("systemctl start restic-backups-daily", check=False)
        self.machine.wait("test -e /root/told")
        self.machine.wait("systemctl is-failed --quiet restic-backups-daily")
        self.assertEqual(self.machine.show("restic-backups-daily", "Result"), "exit-code")
        self.assertRegex(self.machine.sh("adage status", check=False).out, r"daily +failure .*\n  cleanup: ")
        self.assertEqual(self.machine.out("restic-daily snapshots --json | jq length"), "1")
        self.assertEqual(self.machine.read("/root/told"), "told\n")

    def test_a_prepare_command_that_is_killed_and_a_timeout(self):
        """Clean-up and notice come after whatever happened."""
        self.machine.sh("mkfifo /run/held")
        self.addCleanup(self.machine.sh, "rm /run/held")
        held = self.job("""
            initialize = true; paths = [ "/srv/data" ];
            backupPrepareCommand = "cat /run/held";
        """, "/srv/killed")
        self.repository.apply(held)
        self.machine.sh("systemctl start --no-block restic-backups-daily")
        self.machine.wait("pgrep -f '^[^ ]*cat /run/held'")
        self.machine.sh("systemctl kill --signal=KILL restic-backups-daily")
        self.machine.wait("test -e /root/told -a -e /root/cleaned")
        self.assertEqual(self.machine.show("restic-backups-daily", "Result"), "signal")
        self.machine.sh("rm /root/told /root/cleaned; systemctl reset-failed")
        self.repository.apply(held + "systemd.services.restic-backups-daily.serviceConfig.TimeoutStartSec = 1;")
        self.assertFalse(self.machine.succeeds("systemctl start restic-backups-daily"))
        self.machine.wait("test -e /root/told -a -e /root/cleaned")
        self.assertEqual(self.machine.show("restic-backups-daily", "Result"), "timeout")

    def test_no_longer_a_recipient(self):
        """A rekey left this machine out: the switch says so and changes nothing; with only what the next boot has
        of it, the job does not start, and that is a failure that somebody is told of."""
        self.repository.apply(self.job('initialize = true; paths = [ "/srv/data" ];', "/srv/rekeyed"))
        self.machine.sh("systemctl start restic-backups-daily; rm -f /root/cleaned /root/told")
        self.machine.sh(f"""
            test -e /root/other || age-keygen -o /root/other
            cd {self.repository.folder}
            cp password.age /root/password.age
            age -r "$(age-keygen -y /root/other)" -o password.age <<<passage
        """)
        self.addCleanup(self.machine.sh, f"cp /root/password.age {self.repository.folder}/password.age")
        done = self.repository.switch(check=False)
        self.assertEqual(done.status, 1)
        self.assertIn("password", done.error)
        self.machine.sh("systemctl start restic-backups-daily")
        self.machine.sh(f"""
            cp -a /etc/adage/current/secrets/daily/password.age /root/installed.age
            cp {self.repository.folder}/password.age /etc/adage/current/secrets/daily/password.age
        """)
        self.addCleanup(self.machine.restart)
        self.addCleanup(
            self.machine.sh, "cp -a /root/installed.age /etc/adage/current/secrets/daily/password.age")
        self.machine.restart()
        self.assertIn("password", self.machine.journal("adage-activate.service"))
        self.assertFalse(self.machine.exists("/run/agenix/daily/password"))
        self.machine.sh("rm -f /root/cleaned /root/told")
        self.fails("/run/agenix/daily/password")
