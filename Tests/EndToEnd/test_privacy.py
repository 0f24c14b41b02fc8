"""Where secrets must not be found: units, the manager's properties, command lines, environments, the journal, disks."""
from case import OnMachine, Repository, job

# Words that are in no other text.
PASSWORD = "correct-horse-7c2f"
REST_PASSWORD = "battery-staple-91ae"
KEY = "K005-never-shown-5d11"

SECRETS = (PASSWORD, REST_PASSWORD, KEY)
PATTERN = "|".join(SECRETS)

SAMPLE = """
umask 077
while [ ! -e /run/sampled ]; do
  for file in /proc/[0-9]*/cmdline; do (tr '\\0' ' ' <$file; echo) 2>/dev/null; done >>/run/cmdlines || true
done
"""


class Privacy(OnMachine):
    @classmethod
    def prepare(cls):
        cls.machine.serve_rest(password=REST_PASSWORD)
        repository = Repository(cls.machine)
        repository.put(
            password=PASSWORD, repo=f"rest:http://user:{REST_PASSWORD}@127.0.0.1:8000/backups",
            env=f"B2_ACCOUNT_ID=0051\nB2_ACCOUNT_KEY={KEY}\n", url=f"http://127.0.0.1:9/{KEY}",
        )
        repository.configure("".join(
            f"age.secrets.{name}.file = ./{name}.age;" for name in ("repo", "env", "url")
        ) + job("daily", """
            initialize = true; paths = [ "/srv/data" ]; pruneOpts = [ "--keep-last 1" ]; runCheck = true;
            repositoryFile = config.age.secrets.repo.path;
            environmentFile = config.age.secrets.env.path;
            notify.urlFile = config.age.secrets.url.path;
            notify.desktop = true;
        """) + job("command", """
            initialize = true; timerConfig = null;
            repositoryFile = config.age.secrets.repo.path;
            environmentFile = config.age.secrets.env.path;
            command = [ "echo" "dumped" ];
        """))
        cls.machine.sh("mkdir -p /srv/data; head -c 3000000 /dev/urandom >/srv/data/file")
        sampler = cls.machine.begin(SAMPLE)
        shown = repository.switch()
        cls.machine.sh("systemctl start restic-backups-daily; systemctl start restic-backups-command")
        wrapper = cls.machine.sh("restic-daily snapshots; adage status; adage switch --dry-run /root/secrets/machine.nix")
        failed = cls.machine.sh("systemctl stop server-rest; systemctl start restic-backups-daily", check=False)
        cls.machine.sh("touch /run/sampled")
        sampler.wait(30)
        cls.shown = "".join((shown.out, shown.error, wrapper.out, wrapper.error, failed.out, failed.error))

    def assertPrivate(self, text):
        lines = [line for line in text.splitlines() if any(secret in line for secret in SECRETS)]
        self.assertEqual(lines, [])

    def test_command_lines(self):
        text = self.machine.read("/run/cmdlines")
        self.assertRegex(text, "restic.* backup ")
        self.assertPrivate(text)

    def test_what_is_shown(self):
        self.assertIn("daily", self.shown)
        self.assertPrivate(self.shown)

    def test_units_and_files(self):
        found = self.machine.sh(
            f"grep -rlE '{PATTERN}' /etc /usr/local /var/lib/adage /var/lib/systemd /run/systemd /run/restic-backups-* "
            "/tmp /var/tmp /dev/shm", check=False,
        ).out
        self.assertEqual(found, "")

    def test_properties_of_the_manager(self):
        self.assertPrivate(self.machine.out("systemctl show '*' --all; systemctl show --all"))

    def test_journal(self):
        self.assertPrivate(self.machine.out("journalctl --sync; journalctl --output=export --no-pager --all"))

    def test_what_anybody_may_read(self):
        """To a user who is in no group, no file says a secret."""
        found = self.machine.sh(
            "cd /; setpriv --reuid=nobody --regid=nogroup --clear-groups "
            f"grep -rslE '{PATTERN}' /run /etc /var /srv /usr/local /home /root", check=False,
        ).out
        self.assertEqual(found, "")
