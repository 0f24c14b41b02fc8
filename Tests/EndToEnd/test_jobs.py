"""How a job's unit and wrapper behave: users, sandboxes, credentials, command lines, and what is merged into them."""
import json

from case import OnMachine, Repository, job

DATA = 'initialize = true; paths = [ "/srv/data" ]; timerConfig = null;'


class Jobs(OnMachine):
    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage", env="A_VARIABLE=value\n", url="rest:http://user:passage@127.0.0.1:8000/dynamic")
        cls.machine.sh("mkdir -p /srv/data; echo data >/srv/data/file")

    def setUp(self):
        self.machine.sh("systemctl reset-failed")

    def run_job(self, name="daily"):
        cursor = self.machine.cursor()
        self.machine.sh(f"systemctl start restic-backups-{name}")
        self.assertNotEqual(self.machine.out(f"restic-{name} snapshots --json"), "[]")
        return self.machine.journal(f"restic-backups-{name}", since=cursor)

    def exposure(self, name):
        return float(self.machine.out(
            f"systemd-analyze security --no-pager restic-backups-{name}.service"
            " | sed -n 's/.*Overall exposure level.*: \\([0-9.]*\\).*/\\1/p'"
        ))

    # -- sandboxes
    def test_hardened(self):
        self.repository.apply(
            job("daily", DATA, "/srv/hardened")
            + job("relaxed", DATA + "harden = false;", "/srv/relaxed")
            + job("scripted", DATA + 'backupPrepareCommand = "echo x >/srv/data/prepared";', "/srv/scripted")
            + job("strict", """
                paths = [ "/srv/data" ]; timerConfig = null; harden = true;
                backupPrepareCommand = "! touch /srv/data/not-allowed";
            """, "/srv/strict")
        )
        # A job that need not make its repository may write nothing else.
        self.machine.sh("RESTIC_PASSWORD=passage restic --quiet -r /srv/strict init")
        self.assertLess(self.exposure("daily"), 4.0)
        self.assertLess(self.exposure("strict"), 4.0)
        self.assertGreater(self.exposure("relaxed"), 4.0)
        self.assertGreater(self.exposure("scripted"), 4.0)
        for name in ("daily", "relaxed", "scripted", "strict"):
            self.run_job(name)
        self.assertTrue(self.machine.exists("/srv/data/prepared"))
        self.assertFalse(self.machine.exists("/srv/data/not-allowed"))

    def test_hardened_with_a_repository_that_is_a_secret(self):
        """Where it is cannot be read from the unit, which works all the same."""
        self.repository.put(where="/srv/hidden")
        self.repository.apply("age.secrets.where.file = ./where.age;" + job(
            "daily", DATA + "repositoryFile = config.age.secrets.where.path;"))
        self.assertLess(self.exposure("daily"), 4.0)
        self.run_job()

    # -- users
    def test_another_user(self):
        self.machine.sh("mkdir -p /srv/of-arthur; chown arthur: /srv/of-arthur")
        self.repository.apply(
            job("daily", DATA + 'user = "arthur";', "/srv/of-arthur/repository")
            + 'age.secrets."daily/password".owner = "arthur";'
        )
        self.run_job()
        self.assertEqual(self.machine.out("find /srv/of-arthur -not -user arthur"), "")
        # The wrapper, as root and with files of the user's.
        self.machine.sh("restic-daily backup --quiet /etc/hostname")
        self.assertEqual(self.machine.out("find /srv/of-arthur /var/cache/restic-backups-daily -not -user arthur"), "")
        # A stranger gets nothing from it.
        self.machine.sh("id stranger 2>/dev/null || useradd --create-home stranger")
        done = self.machine.sh("runuser -u stranger -- restic-daily snapshots", check=False)
        self.assertNotEqual(done.status, 0)
        self.assertNotIn("passage", done.out + done.error)

    def test_a_dynamic_user_with_credentials(self):
        self.machine.serve_rest()
        self.addCleanup(self.machine.sh, "systemctl stop server-rest")
        self.repository.apply("age.secrets.url.file = ./url.age;" + job("daily", DATA + """
            user = "backup-of-nobody";
            loadCredentials = true;
            repositoryFile = config.age.secrets.url.path;
            pruneOpts = [ "--keep-last 2" ]; runCheck = true;
        """) + """
            systemd.services.restic-backups-daily.serviceConfig.DynamicUser = true;
        """)
        cursor = self.machine.cursor()
        for _ in range(2):
            self.machine.sh("systemctl start restic-backups-daily")
        journal = self.machine.journal("restic-backups-daily", since=cursor)
        # Credentials reach every step, the last included.
        self.assertEqual(journal.count("no errors were found"), 2)
        self.assertEqual(self.machine.out("stat -L -c '%U %a' /run/agenix/url"), "root 400")

    # -- command lines
    def test_words_are_split_as_systemd_does(self):
        self.repository.apply(job("daily", DATA + """
            extraBackupArgs = [ "--tag one" "--tag 'two words'" "--tag of-%H" ];
            extraOptions = [ "local.connections=3" ];
            pruneOpts = [ "--keep-daily 7 --keep-weekly 5" ];
        """, "/srv/words"))
        self.run_job()
        tags = json.loads(self.machine.out("restic-daily snapshots --json"))[0]["tags"]
        self.assertEqual(set(tags), {"one", "two words", f"of-{self.machine.name}"})

    def test_paths_are_patterns_unless_they_exist(self):
        self.machine.sh(r"""
            mkdir -p /srv/paths/{a,b}/documents '/srv/paths/[x]*' '/srv/paths/back\slash'
            touch /srv/paths/{a,b}/documents/file '/srv/paths/[x]*/file' '/srv/paths/back\slash/file'
        """)
        self.repository.apply(job("daily", """
            initialize = true;
            paths = [ "/srv/paths/*/documents" "/srv/paths/[x]*" ];
            dynamicFilesFrom = ''
              echo '/srv/paths/back\\slash'
            '';
        """, "/srv/patterns"))
        self.run_job()
        listed = self.machine.out("restic-daily ls latest")
        for path in ("/srv/paths/a/documents/file", "/srv/paths/b/documents/file", "/srv/paths/[x]*/file",
                     "/srv/paths/back\\slash/file"):
            self.assertIn(path, listed.splitlines())

    # -- what the configuration itself says of the unit
    def test_merged_with_the_unit(self):
        self.repository.apply(job("daily", DATA, "/srv/merged") + """
            systemd.services.restic-backups-daily = {
              path = [ pkgs.jq ];
              preStart = "jq --version >/root/merged; echo preStart >>/root/merged";
              postStop = "echo postStop >>/root/merged";
              serviceConfig = { Nice = 7; ReadWritePaths = [ "/root" ]; };
            };
        """)
        self.run_job()
        merged = self.machine.read("/root/merged").splitlines()
        self.assertTrue(merged[0].startswith("jq-"))
        self.assertEqual(merged[1:], ["preStart", "postStop"])
        self.assertEqual(self.machine.show("restic-backups-daily", "Nice"), "7")

    def test_a_failing_pre_start_stops_the_job(self):
        """Scripts run under `bash -e`."""
        self.repository.apply(job("daily", DATA + 'notify.command = "echo told >/root/told-of-pre-start";',
                                  "/srv/pre-start") + """
            systemd.services.restic-backups-daily.preStart = "false; true";
        """)
        self.assertFalse(self.machine.succeeds("systemctl start restic-backups-daily"))
        self.assertFalse(self.machine.exists("/srv/pre-start"))
        self.machine.wait("test -e /root/told-of-pre-start")

    # -- environments
    def test_the_environment_file_is_read_as_systemd_reads_it(self):
        self.repository.put(env="""\
# a comment
RESTIC_PROGRESS_FPS=1
TAG_ONE="quoted words"
TAG_TWO='$(touch /root/executed)'
TAG_THREE=`touch /root/executed`
RESTIC_PASSWORD_COMMAND=cat \\
  /root/passage
""")
        self.machine.sh("echo passage >/root/passage; chmod 600 /root/passage")
        self.repository.apply("""
            age.secrets.env.file = ./env.age;
            services.restic.backups.daily = {
              initialize = true; paths = [ "/srv/data" ]; timerConfig = null; harden = false;
              environmentFile = config.age.secrets.env.path;
              repository = "/srv/environment";
            };
        """)
        self.run_job()
        self.machine.sh("restic-daily snapshots")
        self.assertFalse(self.machine.exists("/root/executed"))
