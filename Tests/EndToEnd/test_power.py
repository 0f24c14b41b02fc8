"""The machine is killed in the middle of something, and boots again."""
from case import OnMachine, Repository, job

SECRETS = "\n".join(f'age.secrets."s{number}".file = ./s{number}.age;' for number in range(4))

# A switch does its work in steps whose ends are renames; it is stopped at each and the machine killed.
STOP_AT_RENAME = """
nohup strace --follow-forks --quiet=all --output=/dev/null --trace=renameat,renameat2,rename \\
  --inject=renameat,renameat2,rename:signal=SIGSTOP:when={number} \\
  adage {command} >/root/log 2>&1 &
for i in $(seq 200); do
  pid=$(pgrep -x adage || true)
  [ -n "$pid" ] || {{ [ $i -lt 20 ] || exit 3; sleep 0.05; continue; }}
  case $(sed 's/.*) //; s/ .*//' /proc/$pid/stat) in T | t) exit 0 ;; esac
  sleep 0.05
done
exit 3
"""


class Crash(OnMachine):
    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage", **{f"s{number}": "old\n" for number in range(4)})
        cls.machine.sh("mkdir -p /srv/data; head -c 3000000 /dev/urandom >/srv/data/file")
        cls.configuration = SECRETS + job(
            "daily", 'initialize = true; paths = [ "/srv/data" ]; pruneOpts = [ "--keep-last 3" ];', "/srv/repository"
        )
        cls.repository.apply(cls.configuration)

    def values(self):
        return set(self.machine.out("cat /run/agenix/s[0-3]").split())

    def whole_again(self, expected):
        """After the next boot there are all secrets of one of two configurations, and the job works."""
        self.machine.boot()
        self.assertEqual(len(self.values()), 1, "secrets of two configurations are mixed")
        self.assertLessEqual(self.values(), expected)
        self.assertEqual(self.machine.out("ls /run/agenix/ | wc -l"), "5")
        self.assertEqual(self.machine.show("adage-activate.service", "ActiveState"), "active")
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "ActiveState"), "active")

    def test_in_the_middle_of_a_switch(self):
        reached = 0
        for number in (1, 2, 3, 5, 8, 12, 17):
            old, new = f"before-{number}", f"after-{number}"
            self.repository.put(**{f"s{each}": old + "\n" for each in range(4)})
            self.repository.apply(self.configuration)
            self.repository.put(**{f"s{each}": new + "\n" for each in range(4)})
            self.repository.configure(
                self.configuration + f'systemd.services.new-{number}.script = "true";'
            )
            stopped = self.machine.sh(STOP_AT_RENAME.format(
                number=number, command=f"switch {self.repository.folder}/machine.nix"), check=False)
            self.assertIn(stopped.status, (0, 3), stopped.error)
            reached += stopped.status == 0
            self.machine.crash()
            self.whole_again({old, new})
            # The next switch finishes what this one began.
            self.repository.switch()
            self.assertEqual(self.values(), {new})
            self.assertEqual(self.machine.show(f"new-{number}", "LoadState"), "loaded")
        self.assertGreaterEqual(reached, 4, "the switches were over before they were stopped")
        self.machine.sh("systemctl start restic-backups-daily")

    def test_in_the_middle_of_an_activation(self):
        for number in (1, 2, 3):
            old, new = f"active-{number}", f"reactivated-{number}"
            self.repository.put(**{f"s{each}": old + "\n" for each in range(4)})
            self.repository.apply(self.configuration)
            self.machine.sh("".join(
                f"age -r {self.repository.recipient} -o /etc/adage/current/secrets/s{each}.age <<<{new}\n"
                for each in range(4)
            ))
            stopped = self.machine.sh(STOP_AT_RENAME.format(
                number=number, command="activate --configuration /etc/adage/current/plan.json"), check=False)
            self.assertIn(stopped.status, (0, 3), stopped.error)
            # What is in use meanwhile is whole, too.
            self.assertLessEqual(self.values(), {old, new})
            self.assertEqual(len(self.values()), 1)
            self.machine.crash()
            self.whole_again({new})

    def test_in_the_middle_of_a_backup(self):
        """restic is stopped while it holds its lock; the next run of the job gets rid of that."""
        self.machine.sh("systemctl start restic-backups-daily")
        before = int(self.machine.out("restic-daily snapshots --json | jq length"))
        self.machine.sh("""
            head -c 50000000 /dev/urandom >/srv/data/new
            systemctl start --no-block restic-backups-daily
            for i in $(seq 1000); do
              if ls /srv/repository/locks | grep -q . && pid=$(pgrep -f '^[^ ]*restic.* backup '); then
                kill -STOP $pid
                exit 0
              fi
            done
            exit 1
        """)
        self.machine.crash()
        self.machine.boot()
        self.assertNotEqual(self.machine.out("ls /srv/repository/locks"), "")
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "ActiveState"), "active")
        self.machine.sh("systemctl start restic-backups-daily")
        self.machine.sh("restic-daily check --read-data")
        self.assertEqual(
            self.machine.out("restic-daily snapshots --json | jq length"), str(min(before + 1, 3)))
