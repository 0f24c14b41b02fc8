"""The story of the design, with its file as it stands: from `adage init` to restored files."""
import json
import subprocess
from datetime import datetime, timedelta

from case import OnMachine
from machine import STORY

DOCUMENTS = "/home/arthur/documents"

# Everything about a tree that a restore must bring back.
DESCRIBE = """
cd {} && find . -mindepth 1 -printf '%P|%y|%m|%U|%G|%T@|%l\\n' | sort &&
find . -type f -print0 | sort -z | xargs -0 sha256sum
"""


def kept(times, daily=7, weekly=5, monthly=12):
    """What `--keep-daily 7 --keep-weekly 5 --keep-monthly 12` leaves of snapshots, by its manual."""
    remaining = set()
    for count, period in (
        (daily, lambda time: time.date()),
        (weekly, lambda time: time.isocalendar()[:2]),
        (monthly, lambda time: (time.year, time.month)),
    ):
        seen = []
        for time in sorted(times, reverse=True):
            if period(time) not in seen and len(seen) < count:
                seen.append(period(time))
                remaining.add(time)
    return remaining


class Story:
    """One storage back end; each says its repository, what restic's environment needs, and its server."""

    repository = ""
    environment = "# This back end needs no environment.\n"
    # How many days ago there have been other backups before the one that prunes.
    ages = (3, 3.001)

    @classmethod
    def serve(cls):
        pass

    @classmethod
    def prepare(cls):
        cls.machine.sh("ssh-keygen -A")
        cls.machine.sh("ssh-keygen -q -t ed25519 -N '' -C arthur@example.org -f ~/.ssh/id_ed25519", "arthur")
        cls.machine.sh(f"""
            mkdir -p '{DOCUMENTS}/naïve [draft]*/deep' && cd {DOCUMENTS}
            head -c 2000000 /dev/urandom >picture.raw
            : >empty
            echo 'What must not be lost.' >'naïve [draft]*/deep/letter "1".txt'
            ln -s ../picture.raw 'naïve [draft]*/link'
            chmod 600 picture.raw
            touch -d 2019-05-06T07:08:09.123456789Z empty
        """, "arthur")
        cls.serve()

    def test_story(self):
        self.begin_repository()
        self.switch()
        self.first_run()
        self.second_run()
        self.pruning()
        self.restoring()
        self.on_an_empty_machine()

    # -- the steps
    def begin_repository(self):
        """Everything as arthur, who types each secret into a pipe."""
        self.machine.sh("mkdir secrets && cd secrets && adage init --yes --restic daily", "arthur")
        for name, text in (("repo", self.repository), ("env", self.environment)):
            self.machine.sh(f"cd secrets && adage -e restic/{name}.age", "arthur", text=text)

    def switch(self):
        self.machine.write("/home/arthur/secrets/backup.nix", STORY.read_text(), owner="arthur")
        # As long as the recovery key is here, a warning says what that is worth.
        done = self.machine.sh("cd secrets && sudo adage switch backup.nix", "arthur")
        self.assertIn("if its disk dies, so does the backup", done.error)
        self.recovery_key = self.machine.read("/home/arthur/secrets/recovery-key.txt")
        self.machine.sh("rm secrets/recovery-key.txt", "arthur")
        done = self.machine.sh("cd secrets && sudo adage switch backup.nix", "arthur")
        self.assertNotIn("disk dies", done.error)
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "ActiveState"), "active")
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "UnitFileState"), "enabled")
        self.assertEqual(self.machine.out("stat -f -c %T /run/agenix/restic/password"), "ramfs")
        self.assertEqual(self.machine.out("stat -L -c '%a %U' /run/agenix/restic/password"), "400 root")

    def run_job(self):
        cursor = self.machine.cursor()
        self.machine.sh("sudo systemctl start restic-backups-daily", "arthur")
        return self.machine.journal("restic-backups-daily", since=cursor)

    def snapshots(self):
        listed = json.loads(self.machine.out("sudo restic-daily snapshots --json", "arthur"))
        return [datetime.fromisoformat(each["time"][:19]) for each in listed]

    def first_run(self):
        journal = self.run_job()
        self.assertOneLine(journal, "the repository was not there and has been made")
        self.assertIn("no errors were found", journal)
        self.assertEqual(len(self.snapshots()), 1)

    def second_run(self):
        journal = self.run_job()
        self.assertNotIn("has been made", journal)
        self.assertIn("no errors were found", journal)
        # Of a day's snapshots the last is kept.
        self.assertEqual(len(self.snapshots()), 1)

    def pruning(self):
        now = datetime.utcnow().replace(hour=12, minute=0, second=0, microsecond=0)
        times = [now - timedelta(days=age) for age in self.ages]
        self.machine.sh("".join(
            f"sudo restic-daily backup --quiet --time '{time:%Y-%m-%d %H:%M:%S}' {DOCUMENTS}\n" for time in times
        ), "arthur")
        before = self.snapshots()
        self.assertEqual(len(before), 1 + len(times))
        journal = self.run_job()
        after = self.snapshots()
        expected = kept(set(before) | {max(after)})
        self.assertLess(len(expected), len(before))
        self.assertEqual(sorted(after), sorted(expected))
        self.assertIn("no errors were found", journal)

    def restoring(self):
        self.machine.sh("sudo restic-daily restore latest --target /tmp/restored", "arthur")
        self.compare(self.machine, "/tmp/restored" + DOCUMENTS)

    def compare(self, machine, folder):
        source = self.machine.out(DESCRIBE.format(DOCUMENTS))
        self.assertIn("letter", source)
        self.assertEqual(source, machine.out(DESCRIBE.format(f"'{folder}'")))

    def on_an_empty_machine(self):
        """All that is left: the repository of secrets, and the recovery key that was kept elsewhere."""
        second = self.new_machine("-second", network_of=self.machine)
        second.write("/root/recovery-key.txt", self.recovery_key, mode="0600")
        archive = self.machine.out("tar -C secrets -cf - . | base64", "arthur")
        second.sh("mkdir secrets && base64 -d | tar -C secrets -xf - --no-same-owner", text=archive)
        self.move_storage(second)
        second.sh("""
            cd secrets
            opened() { adage -d "restic/$1.age" -i ~/recovery-key.txt; }
            set -a
            . <(opened env)
            RESTIC_REPOSITORY=$(opened repo)
            restic --password-file <(opened password) restore latest --target /tmp/restored
        """)
        self.compare(second, "/tmp/restored" + DOCUMENTS)

    def move_storage(self, second):
        """Servers are reached over the network, which both machines share."""


class Local(Story, OnMachine):
    repository = "/srv/backups"
    # More than are kept of days and weeks; the oldest alone in its month.
    ages = (*range(1, 10), 15, 22, 29, 36, 43, 80, 120)

    def move_storage(self, second):
        """A disk with the backups, moved."""
        source = self.machine.testbed("leader").out.strip()
        target = second.testbed("leader").out.strip()
        subprocess.run(["cp", "-a", f"/proc/{source}/root/srv/backups", f"/proc/{target}/root/srv/"], check=True)


class Rest(Story, OnMachine):
    repository = "rest:http://user:passage@127.0.0.1:8000/backups"

    @classmethod
    def serve(cls):
        cls.machine.serve_rest()


class S3(Story, OnMachine):
    repository = "s3:http://127.0.0.1:5000/backups"
    environment = "AWS_ACCESS_KEY_ID=key\nAWS_SECRET_ACCESS_KEY=secret\nAWS_DEFAULT_REGION=us-east-1\n"

    @classmethod
    def serve(cls):
        cls.machine.serve_s3()


class B2(Story, OnMachine):
    """From the making of the bucket on, with the command of PyPI."""

    login = "b2 account authorize 0051master K005masterkey"

    @classmethod
    def serve(cls):
        cls.machine.serve_b2()
        cls.machine.sh("rm /usr/bin/backblaze-b2; ln -s /opt/python/bin/b2 /usr/local/bin/b2")

    def begin_repository(self):
        self.machine.sh(self.login, "arthur")
        shown = self.machine.sh(
            "mkdir secrets && cd secrets && adage init --yes --restic daily --b2 backups-of-arthur", "arthur"
        )
        environment = self.machine.out("cd secrets && adage -d restic/env.age", "arthur")
        settings = dict(line.split("=", 1) for line in environment.splitlines())
        self.assertEqual(set(settings), {"B2_ACCOUNT_ID", "B2_ACCOUNT_KEY"})
        self.assertEqual(self.machine.out("cd secrets && adage -d restic/repo.age", "arthur"), "b2:backups-of-arthur")
        password = self.machine.out("cd secrets && adage -d restic/password.age", "arthur")
        for secret in (settings["B2_ACCOUNT_KEY"], password):
            self.assertNotIn(secret, shown.out + shown.error)
        journal = [json.loads(line) for line in self.machine.read("/srv/b2/journal").splitlines()]
        bucket = next(value for kind, _, value in journal if kind == "buckets")
        self.assertEqual(bucket["bucketType"], "allPrivate")
        self.assertEqual([
            (rule["fileNamePrefix"], rule["daysFromHidingToDeleting"], rule["daysFromUploadingToHiding"])
            for rule in bucket["lifecycleRules"]
        ], [("", 30, None)])
        key = next(value for kind, name, value in journal if kind == "keys" and name != "0051master")
        self.assertEqual(key["applicationKey"], settings["B2_ACCOUNT_KEY"])
        self.assertEqual(key["bucketId"], bucket["bucketId"])
        self.assertEqual(set(key["capabilities"]), set("""
            listBuckets listAllBucketNames listFiles readFiles writeFiles deleteFiles shareFiles readBucketEncryption
            writeBucketEncryption readBucketReplications writeBucketReplications
        """.split()))


class WithoutBackblazesCommand(OnMachine):
    def test_the_calls_to_make_are_printed(self):
        self.machine.sh("rm /usr/bin/backblaze-b2")
        self.machine.sh("ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519", "arthur")
        done = self.machine.sh(
            "mkdir secrets && cd secrets && adage init --yes --restic daily --b2 backups-of-arthur", "arthur", check=False
        )
        shown = done.out + done.error
        for words in ("backups-of-arthur", "allPrivate", "listAllBucketNames", "writeBucketReplications"):
            self.assertIn(words, shown)


class B2OfDebian(B2):
    """The same with Debian's command."""

    login = "backblaze-b2 authorize-account 0051master K005masterkey"

    @classmethod
    def serve(cls):
        cls.machine.serve_b2()
