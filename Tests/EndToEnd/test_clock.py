"""When jobs run: after the machine was off, by their timers, and two at a time."""
from case import OnMachine, Repository, job


class Clock(OnMachine):
    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage")
        cls.machine.sh("mkdir -p /srv/data; head -c 1000000 /dev/urandom >/srv/data/file")
        both = 'initialize = true; paths = [ "/srv/data" ]; pruneOpts = [ "--keep-last 9" ]; runCheck = true;'
        cls.repository.apply(
            job("daily", both, "/srv/daily")
            + job("other", both + "timerConfig = null;", "/srv/other")
            + job("same", both + "timerConfig = null;", "/srv/other")
            + job("often", both + """
                timerConfig = { OnCalendar = "*:*:0/2"; AccuracySec = "1ms"; };
            """, "/srv/often")
        )

    def test_catches_up_after_the_machine_was_off(self):
        stamp = "/var/lib/systemd/timers/stamp-restic-backups-daily.timer"
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "Persistent"), "yes")
        self.assertFalse(self.machine.exists("/srv/daily/config"))
        # As if the machine had been off since three days ago.
        self.machine.sh(f"test -e {stamp}; systemctl stop restic-backups-daily.timer; touch -d '3 days ago' {stamp}")
        self.machine.restart()
        self.machine.wait("test -n \"$(ls /srv/daily/snapshots)\"")
        self.machine.wait("systemctl show -P ActiveState restic-backups-daily | grep -qx inactive")
        self.assertEqual(self.machine.show("restic-backups-daily", "Result"), "success")
        self.machine.sh(f"test -n \"$(find {stamp} -mmin -5)\"")

    def test_runs_by_its_timer(self):
        self.machine.wait("test $(ls /srv/often/snapshots | wc -l) -ge 2")
        self.machine.sh("systemctl stop restic-backups-often.timer")

    def test_two_jobs_at_one_time(self):
        """With repositories of their own."""
        self.machine.sh("systemctl start restic-backups-daily restic-backups-other")
        for name in ("daily", "other"):
            self.machine.sh(f"restic-{name} check")

    def test_two_jobs_of_one_repository(self):
        """One of them prunes while the other has the repository; both are done in the end."""
        self.machine.sh("systemctl start restic-backups-other")
        before = int(self.machine.out("ls /srv/other/snapshots | wc -l"))
        self.machine.sh("systemctl start restic-backups-other restic-backups-same", check=False)
        states = [self.machine.show(f"restic-backups-{name}", "Result") for name in ("other", "same")]
        # restic's lock may refuse one of them; whatever was saved is whole, and the next run succeeds.
        self.assertIn("success", states)
        self.machine.sh("systemctl start restic-backups-same")
        self.machine.sh("restic-same check --read-data")
        self.assertGreater(int(self.machine.out("ls /srv/other/snapshots | wc -l")), before)
