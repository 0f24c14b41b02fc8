"""Who is told of what, and where one can look."""
import json

from case import OnMachine, Repository, job
from machine import PROJECT, STORY

# What is kept of a run, to look at.
ARTEFACTS = PROJECT / ".build/e2e"

# Notes each request: its path and its body.
LISTENER = """\
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        with open("/root/pings", "a") as file:
            file.write(repr((self.path, body)) + "\\n")
        self.send_response(200)
        self.end_headers()
    do_POST = do_GET
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""

SHOWN = "DISPLAY=:99 dunstctl count displayed | grep -qx '[1-9].*'"


def notices_of(machine, user):
    """What the desktop's notices say and said; those that show are closed for that."""
    history = machine.out("export DISPLAY=:99; dunstctl close-all; sleep 0.2; dunstctl history", user)
    return [
        (each["summary"]["data"], each["body"]["data"])
        for each in json.loads(history)["data"][0]
    ]


class Desktop(OnMachine):
    """arthur is logged in, berta is not."""

    @classmethod
    def prepare(cls):
        cls.machine.sh("useradd --create-home --shell /bin/bash berta")
        cls.machine.testbed("desktop", "arthur")
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage")
        cls.machine.sh("mkdir -p /srv/data; touch /srv/data/file; RESTIC_PASSWORD=another restic -q -r /srv/repository init")

    def failing(self, more):
        self.machine.sh("systemctl reset-failed")
        self.repository.apply(job("daily", f'paths = [ "/srv/data" ]; {more}', "/srv/repository"))
        self.assertFalse(self.machine.succeeds("systemctl start restic-backups-daily"))

    def test_at_once_and_at_the_next_login(self):
        self.failing("notify.desktop = true;")
        self.machine.wait(SHOWN, user="arthur")
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.machine.testbed("shot", ARTEFACTS / "notice.png")
        notices = notices_of(self.machine, "arthur")
        self.assertEqual(len(notices), 1)
        title, body = notices[0]
        self.assertIn("daily", title)
        self.assertIn("wrong password", body)
        # No unit has a user's number in it.
        self.assertFalse(self.machine.succeeds("grep -rE '(/run/user/|UID=)[0-9]' /etc/systemd/system /etc/systemd/user"))
        # berta logs in, somewhat before her desktop has a daemon for notices.
        self.machine.sh("systemctl --user -M arthur@ stop testbed-dunst; systemctl stop testbed-display")
        self.machine.testbed("desktop", "berta")
        self.machine.wait(SHOWN, user="berta")
        self.assertIn("wrong password", notices_of(self.machine, "berta")[0][1])
        self.machine.wait("test -z \"$(find /var/lib/adage/notices -type f)\"")
        self.machine.sh("systemctl --user -M berta@ stop testbed-dunst; systemctl stop testbed-display; loginctl disable-linger berta")
        self.machine.testbed("desktop", "arthur")
        # What was told once is not told again.
        self.assertEqual(notices_of(self.machine, "arthur"), [])

    def test_the_notice_of_the_design(self):
        """The file of the story, whose own unit tells arthur."""
        self.machine.sh("""
            mkdir -p ~/.ssh secrets/restic documents && cd secrets
            test -e ~/.ssh/id_ed25519 || ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
            age -R ~/.ssh/id_ed25519.pub -o restic/password.age <<<passage
            age -R ~/.ssh/id_ed25519.pub -o restic/repo.age <<<rest:http://127.0.0.1:1/
            age -R ~/.ssh/id_ed25519.pub -o restic/env.age </dev/null
        """, "arthur")
        self.machine.write("/home/arthur/secrets/backup.nix", STORY.read_text(), owner="arthur")
        self.machine.sh("cd secrets && sudo adage switch backup.nix", "arthur")
        self.assertFalse(self.machine.succeeds("systemctl start restic-backups-daily"))
        self.machine.wait(SHOWN, user="arthur")
        self.assertIn("Backup failed", [title for title, _ in notices_of(self.machine, "arthur")])


class Told(OnMachine):
    @classmethod
    def prepare(cls):
        cls.machine.write("/opt/listener.py", LISTENER)
        cls.machine.serve("listener", "python3 /opt/listener.py", 8080)
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage", url="http://127.0.0.1:8080/secret-place\n")
        cls.machine.sh("mkdir -p /srv/data; touch /srv/data/file")

    def setUp(self):
        self.machine.sh("rm -rf /root/pings /root/told /srv/repository; systemctl reset-failed")

    def apply(self, more):
        self.repository.apply("age.secrets.url.file = ./url.age;" + job(
            "daily", f'initialize = true; paths = [ "/srv/data" ]; {more}', "/srv/repository"))

    def fail_and_succeed(self):
        """Two runs; the first finds a repository of another password."""
        self.machine.sh("RESTIC_PASSWORD=another restic -q -r /srv/repository init")
        self.assertFalse(self.machine.succeeds("systemctl start restic-backups-daily"))
        self.machine.sh("rm -r /srv/repository; systemctl start restic-backups-daily")

    def pings(self):
        self.machine.wait("test $(wc -l </root/pings) -ge 4")
        return [eval(line) for line in self.machine.read("/root/pings").splitlines()]  # what LISTENER wrote

    def test_url(self):
        self.apply('notify.url = "http://127.0.0.1:8080/check";')
        self.fail_and_succeed()
        pings = self.pings()
        self.assertEqual([path for path, _ in pings], ["/check/start", "/check/fail", "/check/start", "/check"])
        self.assertIn("wrong password", pings[1][1])

    def test_url_that_is_a_secret(self):
        self.apply("notify.urlFile = config.age.secrets.url.path;")
        self.fail_and_succeed()
        self.assertEqual(
            [path for path, _ in self.pings()],
            ["/secret-place/start", "/secret-place/fail", "/secret-place/start", "/secret-place"])
        self.assertNotIn("secret-place", self.machine.out("journalctl --no-pager; systemctl show '*'"))

    def test_url_that_nobody_answers(self):
        """The backup is made all the same."""
        self.apply('notify.url = "http://127.0.0.1:1/check";')
        self.machine.sh("systemctl start restic-backups-daily")
        self.assertEqual(self.machine.out("restic-daily snapshots --json | jq length"), "1")

    def test_command(self):
        self.apply("""notify.command = ''
          (id -un; env | grep ^ADAGE_ | sort; cat) >>/root/told
        '';""")
        self.fail_and_succeed()
        told = self.machine.read("/root/told")
        self.assertTrue(told.startswith("root\n"))
        self.assertIn("ADAGE_JOB=daily\n", told)
        self.assertIn("wrong password", told)
        self.assertEqual(told.count("ADAGE_JOB="), 1)

    def test_staleness(self):
        self.apply('maxAge = "2d"; notify.command = "echo told >>/root/told";')
        self.machine.sh("systemctl start restic-backups-daily; systemctl start adage-age-daily")
        self.machine.sh("adage status --max-age 2d")
        self.assertEqual(self.machine.show("adage-age-daily.timer", "ActiveState"), "active")
        # As if the last success had been three days ago.
        self.machine.sh("""
            cd /var/lib/adage/jobs
            jq '.lastSuccess -= 3 * 86400 | .firstSeen -= 4 * 86400' daily.json >new
            cat new >daily.json; rm new
        """)
        self.assertEqual(self.machine.sh("adage status --max-age 2d", check=False).status, 1)
        self.machine.sh("adage status --max-age 4d")
        for _ in range(2):
            self.assertFalse(self.machine.succeeds("systemctl start adage-age-daily"))
        # Once, although the timer looks each hour.
        self.assertEqual(self.machine.read("/root/told"), "told\n")
        self.machine.sh("systemctl start restic-backups-daily; systemctl start adage-age-daily")
        self.machine.sh("adage status --max-age 2d")

    def test_status_files(self):
        self.apply("")
        self.fail_and_succeed()
        status = json.loads(self.machine.read("/var/lib/adage/status.json"))
        daily = next(each for each in status["jobs"] if each["name"] == "daily")
        self.assertEqual(daily["result"], "success")
        self.assertEqual(daily["consecutiveFailures"], 0)
        self.assertIn("backup", [step["step"] for step in daily["steps"]])
        metrics = self.machine.read("/var/lib/adage/status.prom")
        self.assertIn('adage_job_last_result{job="daily"} 1\n', metrics)
        self.assertRegex(metrics, r'adage_job_last_success_timestamp_seconds\{job="daily"\} \d{10}\n')
        self.assertEqual(self.machine.out("stat -c %a /var/lib/adage/status.json /var/lib/adage/status.prom").split(),
                         ["644", "644"])
        self.machine.sh("adage status", "arthur")


class RightsOfAKey(OnMachine):
    """`adage status --verify` asks Backblaze what a job's key may do."""

    @classmethod
    def prepare(cls):
        cls.machine.serve_b2()
        cls.repository = Repository(cls.machine)
        cls.machine.sh("""
            backblaze-b2 authorize-account 0051master K005masterkey
            backblaze-b2 create-bucket backups-of-root allPrivate
            mkdir -p /srv/data; touch /srv/data/file
        """)

    def verify(self, rights):
        name, key = self.machine.out(f"backblaze-b2 create-key --bucket backups-of-root restic {rights}").split()
        self.repository.put(password="passage", env=f"B2_ACCOUNT_ID={name}\nB2_ACCOUNT_KEY={key}\n")
        self.repository.apply("age.secrets.env.file = ./env.age;" + job("daily", """
            initialize = true; paths = [ "/srv/data" ];
            environmentFile = config.age.secrets.env.path;
        """, "b2:backups-of-root"))
        return self.machine.sh("adage status --verify", check=False)

    def test_rights(self):
        needed = "listBuckets,listAllBucketNames,listFiles,readFiles,writeFiles,deleteFiles,shareFiles"
        buckets = ",readBucketEncryption,writeBucketEncryption,readBucketReplications,writeBucketReplications"
        done = self.verify(needed + buckets)
        self.assertEqual(done.status, 0, done.error)
        self.assertIn("not there yet", done.out + done.error)
        self.machine.sh("systemctl start restic-backups-daily")
        self.machine.sh("adage status --verify")
        done = self.verify((needed + buckets).replace(",deleteFiles", ""))
        self.assertEqual(done.status, 1)
        self.assertIn("deleteFiles", done.out + done.error)

    def test_a_key_that_is_gone(self):
        self.verify("listBuckets")
        self.repository.put(env="B2_ACCOUNT_ID=0050gone\nB2_ACCOUNT_KEY=K005gone\n")
        self.repository.switch()
        done = self.machine.sh("adage status --verify", check=False)
        self.assertEqual(done.status, 1)
        self.assertNotIn("K005gone", done.out + done.error)
