"""The machine is killed in the middle of something, and boots again."""
from case import OnMachine, Repository, job

SECRETS = "\n".join(f'age.secrets."s{number}".file = ./s{number}.age;' for number in range(4))

# What is done in steps has a rename at the end of each. The program is stopped after each of them and goes on, up to
# the one where it stays stopped. Status 3 if it has not that many.
STOP_AT_RENAME = """
renames=rename,renameat,renameat2
rm -f /root/renames
nohup strace --follow-forks --quiet=all --output=/root/renames --trace=$renames --inject=$renames:signal=SIGSTOP \
  adage {command} >/root/log 2>&1 &
until pgrep -x adage; do sleep 0.01; done >/dev/null
while pids=$(pgrep -x adage); do
  for pid in $pids; do
    case $(sed 's/.*) //; s/ .*//' /proc/$pid/stat 2>/dev/null) in
      T | t)
        [ "$(grep -c rename /root/renames)" -lt {number} ] || exit 0
        # It may be gone already: what strace stops for a moment looks the same.
        kill -CONT $pid 2>/dev/null || true
        ;;
    esac
  done
  sleep 0.01
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

    def put(self, value, folder=Repository.folder):
        """Gives each secret the same value."""
        self.machine.sh(f"""
            for number in 0 1 2 3; do
              age -r {self.repository.recipient} -o {folder}/s$number.age <<<{value}
            done
        """)

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
        """At every rename of it; each switch begins with what the one before, done again, has made."""
        old = "before"
        self.put(old)
        self.repository.apply(self.configuration)
        for number in range(1, 50):
            new = f"after-{number}"
            self.put(new)
            self.repository.configure(
                self.configuration + f'systemd.services.new-{number}.script = "true";'
            )
            stopped = self.machine.sh(STOP_AT_RENAME.format(
                number=number, command=f"switch {self.repository.folder}/machine.nix"), check=False)
            self.assertIn(stopped.status, (0, 3), stopped.error)
            self.machine.crash()
            self.whole_again({old, new})
            # The next switch finishes what this one began.
            self.repository.switch()
            self.assertEqual(self.values(), {new})
            self.assertEqual(self.machine.show(f"new-{number}", "LoadState"), "loaded")
            old = new
            if stopped.status == 3:
                break
        self.assertGreater(number, 8)
        self.assertLess(number, 49)
        self.machine.sh("systemctl start restic-backups-daily")

    def test_in_the_middle_of_an_activation(self):
        for number in (1, 2, 3, 4):
            old, new = f"active-{number}", f"reactivated-{number}"
            self.put(old)
            self.repository.apply(self.configuration)
            self.put(new, "/etc/adage/current/secrets")
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
            for i in $(seq 10000); do
              # The lock is this process's if it is there after it.
              if pid=$(pgrep -f '^[^ ]*restic.* backup ') && ls /srv/repository/locks | grep -q .; then
                kill -STOP $pid
                exit 0
              fi
              sleep 0.005
            done
            exit 1
        """)
        self.machine.crash()
        self.machine.boot()
        self.assertNotEqual(self.machine.out("ls /srv/repository/locks"), "")
        self.assertIn("never ended", self.machine.sh("adage status", check=False).out)
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "ActiveState"), "active")
        self.machine.sh("systemctl start restic-backups-daily")
        self.machine.sh("restic-daily check --read-data")
        self.assertEqual(
            self.machine.out("restic-daily snapshots --json | jq length"), str(min(before + 1, 3)))
