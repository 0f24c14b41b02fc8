"""What NixOS's own test of `services.restic.backups` asserts, in its order, on one machine."""
import json

from case import OnMachine, Repository, job

SOURCE = """
mkdir -p /opt/a_dir /opt/excluded
touch /opt/excluded_file_1 /opt/excluded_file_2 /opt/some_file /opt/some_other_file /opt/a_dir/a_file /opt/a_dir/a_file_2
echo some text >/opt/some_file
"""

PRUNE = 'pruneOpts = [ "--keep-daily 2" "--keep-weekly 1" "--keep-monthly 1" "--keep-yearly 99" ];'
EXCLUDE = 'exclude = [ "/opt/excluded_file_*" ];'
NO_TIMER = "timerConfig = null;"


class NixOS(OnMachine):
    @classmethod
    def prepare(cls):
        cls.machine.sh(SOURCE)
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage", repository="/srv/from-file")
        cls.repository.apply("\n".join((
            job("remote", f"""
                paths = [ "/opt" ]; initialize = true; {EXCLUDE} {PRUNE} {NO_TIMER}
                backupPrepareCommand = "echo prepare >>/root/prepare";
                backupCleanupCommand = "echo cleanup >>/root/cleanup";
            """, "/srv/remote"),
            'age.secrets.repository.file = ./repository.age;',
            job("from-file", f"""
                initialize = true; repositoryFile = config.age.secrets.repository.path; {EXCLUDE} {NO_TIMER}
                paths = [ "/opt/a_dir" ];
                dynamicFilesFrom = "find /opt -mindepth 1 -maxdepth 1 ! -name a_dir";
            """),
            job("no-init", f'paths = [ "/opt" ]; initialize = false; {EXCLUDE} {NO_TIMER}', "/srv/no-init"),
            job("command", f"""
                initialize = true; {NO_TIMER}
                command = [ "echo" "-n" "test" ];
            """, "/srv/command"),
            job("prune", f'pruneOpts = [ "--keep-last 1" ]; {NO_TIMER}', "/srv/remote"),
            job("inhibit", f"""
                initialize = true; inhibitsSleep = true; {NO_TIMER}
                command = [ "cat" "/run/held" ];
            """, "/srv/inhibit"),
            job("rclone", f"""
                initialize = true; paths = [ "/opt" ]; {EXCLUDE} {NO_TIMER}
                rcloneConfig = {{ type = "local"; one_file_system = true; }};
            """, "rclone:local:/srv/rclone"),
            job("custom", f"""
                paths = [ "/some/path" ]; {NO_TIMER}
                package = pkgs.writeShellScriptBin "restic" ''
                  echo "$@" >>/root/custom.log
                '';
                pruneOpts = [ "--keep-last 1" ]; checkOpts = [ "--some-check-option" ];
            """, "some-fake-repository"),
        )))

    def start(self, name):
        self.machine.sh(f"systemctl start restic-backups-{name}.service")

    def snapshots(self, name):
        return json.loads(self.machine.out(f"restic-{name} snapshots --json"))

    def restored(self, name):
        """A restore equals its source, without what is excluded."""
        self.machine.sh(f"""
            rm -rf /tmp/{name}
            restic-{name} restore latest --target /tmp/{name}
            diff -r --exclude 'excluded_file_*' /opt /tmp/{name}/opt
            ! ls /tmp/{name}/opt/excluded_file_*
            rm -rf /tmp/{name}
        """)

    def test_backup_and_prune(self):
        # A wrapper fails before its job has run.
        self.assertFalse(self.machine.succeeds("restic-remote snapshots"))
        self.start("remote")
        self.restored("remote")
        self.assertEqual(self.machine.read("/root/prepare"), "prepare\n")
        self.assertEqual(self.machine.read("/root/cleanup"), "cleanup\n")
        for time in ("2015-08-01", "2016-12-13", "2016-12-14", "2016-12-15", "2016-12-16", "2017-06-01", "2017-07-01"):
            self.machine.sh(f"restic-remote backup --quiet --time '{time} 12:00:00' /opt")
        self.start("remote")
        self.assertEqual(self.machine.read("/root/prepare"), "prepare\n" * 2)
        self.assertEqual(self.machine.read("/root/cleanup"), "cleanup\n" * 2)
        # Today's last, the day before that has one, and the last of each other year.
        times = sorted(each["time"][:10] for each in self.snapshots("remote"))
        self.assertEqual(len(times), 4)
        self.assertEqual(times[:3], ["2015-08-01", "2016-12-16", "2017-07-01"])
        # A job that only prunes.
        self.start("prune")
        self.assertEqual(len(self.snapshots("remote")), 1)

    def test_repository_file_and_dynamic_files(self):
        self.assertFalse(self.machine.succeeds("restic-from-file snapshots"))
        self.start("from-file")
        self.restored("from-file")
        self.assertTrue(self.machine.exists("/srv/from-file/config"))

    def test_without_initialize(self):
        self.assertFalse(self.machine.succeeds("restic-no-init snapshots"))
        self.assertFalse(self.machine.succeeds("systemctl start restic-backups-no-init"))
        self.assertFalse(self.machine.exists("/srv/no-init/config"))
        self.machine.sh("restic-no-init init")
        self.start("no-init")
        self.restored("no-init")

    def test_command(self):
        self.start("command")
        self.assertEqual(self.machine.out("restic-command dump latest stdin"), "test")
        self.assertEqual(len(self.snapshots("command")), 1)

    def test_inhibitor(self):
        self.machine.sh("mkfifo /run/held; systemctl start --no-block restic-backups-inhibit")
        self.machine.wait("systemd-inhibit --list --no-pager | grep -E 'restic.*sleep.*block'")
        self.machine.sh("echo released >/run/held")
        self.machine.wait("systemctl show -P ActiveState restic-backups-inhibit | grep -qx inactive")
        self.assertEqual(self.machine.show("restic-backups-inhibit", "Result"), "success")
        self.assertFalse(self.machine.succeeds("systemd-inhibit --list --no-pager | grep restic"))

    def test_rclone(self):
        self.start("rclone")
        self.restored("rclone")

    def test_custom_package(self):
        self.start("custom")
        log = self.machine.read("/root/custom.log")
        for words in (
            r"backup .*/some/path|backup .*--files-from", "forget --prune --keep-last 1",
            "check --some-check-option",
        ):
            self.assertRegex(log, words)
