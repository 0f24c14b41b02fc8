"""Secrets at boot: what is there when, what a broken one stops, and who is asked for a password."""
from case import OnMachine, Repository, job

# Reads a secret before anything but the file systems is there.
EARLY = """
age.secrets.token.file = ./token.age;
systemd.services.early = {
  wantedBy = [ "sysinit.target" ];
  before = [ "sysinit.target" ];
  unitConfig.DefaultDependencies = false;
  serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
  script = "cat ${config.age.secrets.token.path} >/run/early";
};
"""


class Restart(OnMachine):
    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(password="passage", token="a token\n")
        cls.machine.sh("mkdir -p /srv/data; echo data >/srv/data/file")

    def test_everything_is_there_after_a_restart(self):
        self.repository.apply(EARLY + job("daily", 'initialize = true; paths = [ "/srv/data" ];', "/srv/repository"))
        # Neither the repository nor an evaluation is needed.
        self.machine.sh(f"rm -r {self.repository.folder}")
        self.addCleanup(self.repository.put, password="passage", token="a token\n")
        self.machine.restart()
        self.assertEqual(self.machine.out("systemctl --failed --no-legend --plain"), "")
        self.assertEqual(self.machine.read("/run/early"), "a token\n")
        self.assertEqual(self.machine.out("stat -f -c %T /run/agenix/token"), "ramfs")
        self.assertEqual(self.machine.show("adage.target", "ActiveState"), "active")
        self.assertEqual(self.machine.show("restic-backups-daily.timer", "ActiveState"), "active")
        times = self.machine.out(
            "for unit in adage-activate.service sysinit.target; do "
            "systemctl show -P ActiveEnterTimestampMonotonic $unit; done"
        ).split()
        self.assertLessEqual(int(times[0]), int(times[1]))
        self.machine.sh("systemctl start restic-backups-daily")
        # The shutdown of a machine with secrets is clean, too.
        self.machine.restart()
        self.assertNotIn("Failed unmounting", self.machine.out("journalctl --boot=-1 --no-pager"))

    def test_a_user_of_sysusers_owns_its_secret(self):
        """Users that systemd makes at boot are there before their secrets are."""
        self.machine.write("/etc/sysusers.d/service.conf", 'u service - "a service"\n')
        self.machine.sh("systemd-sysusers")
        self.repository.apply('age.secrets.token = { file = ./token.age; owner = "service"; };')
        self.machine.restart()
        self.assertEqual(self.machine.out("stat -L -c %U /run/agenix/token"), "service")


class Elsewhere(OnMachine):
    """The identity lies on a file system that is mounted later than the machine's own."""

    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(token="a token\n")
        # Two folders as one file system of its own, which needs no disk.
        cls.machine.write("/etc/systemd/system/keys.mount", """\
            [Unit]
            Before=local-fs.target
            [Mount]
            What=overlay
            Where=/keys
            Type=overlay
            Options=lowerdir=/srv/keys:/srv/none
            [Install]
            RequiredBy=local-fs.target
        """)
        cls.machine.sh("""
            mkdir -p /srv/keys /srv/none
            cp /root/identity /srv/keys/identity
            systemctl daemon-reload
            systemctl enable --now keys.mount
        """)

    def test_the_mount_is_waited_for(self):
        self.repository.identity = "/keys/identity"
        self.repository.apply(EARLY.replace("sysinit.target", "multi-user.target"))
        self.machine.restart()
        self.assertEqual(self.machine.out("systemctl --failed --no-legend --plain"), "")
        self.assertEqual(self.machine.read("/run/early"), "a token\n")
        self.assertIn("/keys", self.machine.show("adage-activate.service", "RequiresMountsFor"))


class Broken(OnMachine):
    """One secret stops to be readable between two boots."""

    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.repository.put(good="good\n", bad="bad\n", password="passage")
        cls.repository.apply("\n".join(
            f'''
            age.secrets.{name}.file = ./{name}.age;
            systemd.services.reads-{name} = {{
              wantedBy = [ "multi-user.target" ];
              serviceConfig = {{ Type = "oneshot"; RemainAfterExit = true; }};
              script = "cat ${{config.age.secrets.{name}.path}}";
            }};
            ''' for name in ("good", "bad")
        ))
        cls.machine.sh("""
            cp -a /etc/adage/current/secrets/bad.age /root/bad.age
            echo rubbish >/etc/adage/current/secrets/bad.age
        """)
        cls.machine.restart()

    def test_only_its_readers_do_not_start(self):
        self.assertEqual(self.machine.show("reads-good", "ActiveState"), "active")
        self.assertEqual(self.machine.show("reads-bad", "AssertResult"), "no")
        self.assertNotEqual(self.machine.show("reads-bad", "ActiveState"), "active")
        self.assertEqual(self.machine.show("adage-activate.service", "ActiveState"), "failed")
        self.assertIn("bad", self.machine.journal("adage-activate.service"))
        self.assertEqual(self.machine.read("/run/agenix/good"), "good\n")
        self.assertFalse(self.machine.exists("/run/agenix/bad"))

    def test_repaired(self):
        """What the administrator does next: repair it, start the unit again, and what reads it."""
        self.machine.sh("""
            cp -a /etc/adage/current/secrets/bad.age /root/rubbish.age
            cp -a /root/bad.age /etc/adage/current/secrets/bad.age
            systemctl restart adage-activate.service
            systemctl start reads-bad
        """)
        self.addCleanup(self.machine.restart)
        self.addCleanup(self.machine.sh, "cp -a /root/rubbish.age /etc/adage/current/secrets/bad.age")
        self.assertEqual(self.machine.read("/run/agenix/bad"), "bad\n")
        self.assertEqual(self.machine.show("reads-good", "ActiveState"), "active")


class Reload(OnMachine):
    def test_reload_is_all_or_nothing(self):
        repository = Repository(self.machine)
        repository.put(one="one\n", two="two\n")
        repository.apply("age.secrets.one.file = ./one.age; age.secrets.two.file = ./two.age;")
        self.machine.sh(f"""
            cd /etc/adage/current/secrets
            age -r {repository.recipient} -o one.age <<<'another one'
            systemctl reload adage-activate.service || systemctl restart adage-activate.service
        """)
        self.assertEqual(self.machine.read("/run/agenix/one"), "another one\n")
        self.machine.sh(f"""
            cd /etc/adage/current/secrets
            age -r {repository.recipient} -o one.age <<<'a third one'
            echo rubbish >two.age
        """)
        self.assertFalse(self.machine.succeeds("systemctl reload adage-activate.service"))
        self.assertEqual(self.machine.read("/run/agenix/one"), "another one\n")
        self.assertEqual(self.machine.read("/run/agenix/two"), "two\n")
        self.assertIn("two", self.machine.journal("adage-activate.service"))


class Password(OnMachine):
    """An identity with a password: nobody is asked before the machine is up, and the boot does not wait."""

    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.machine)
        cls.machine.sh("""
            mkdir -p /etc/keys
            ssh-keygen -q -t ed25519 -N 'pass phrase' -f /etc/keys/locked
            age-keygen -o /etc/keys/open
        """)
        cls.machine.sh(f"""
            cd {cls.repository.folder}
            age -R /etc/keys/locked.pub -o locked.age <<<'behind a password'
            age -r "$(age-keygen -y /etc/keys/open)" -o open.age <<<'for the machine'
        """)
        cls.machine.write(f"{cls.repository.folder}/machine.nix", """\
            { config, ... }:
            {
              age.identityPaths = [ "/etc/keys/locked" "/etc/keys/open" ];
              age.secrets.locked.file = ./locked.age;
              age.secrets.open.file = ./open.age;
              systemd.services.reads-locked = {
                wantedBy = [ "multi-user.target" ];
                serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
                script = "cat ${config.age.secrets.locked.path}";
              };
            }
        """)
        # The password is typed on a terminal, when it is asked for.
        cls.machine.sh(f"""
            mkfifo keyboard
            script --quiet --return --flush --command 'adage switch {cls.repository.folder}/machine.nix' screen <keyboard &
            exec 3>keyboard
            until grep -qi 'pass.*:' screen; do sleep 0.05; kill -0 $!; done
            echo 'pass phrase' >&3
            wait $!
        """)

    def test_asked_late_and_answered(self):
        self.assertEqual(self.machine.read("/run/agenix/locked"), "behind a password\n")
        # `up` returns when all jobs of the boot are done, so the machine is started with an agent that answers.
        self.machine.write("/root/answer", """\
            #!/bin/bash
            # Answers every question in /run/systemd/ask-password once it is up, and notes what was asked.
            for file in /run/systemd/ask-password/ask.*; do
              [ -e "$file" ] || continue
              grep ^Message= "$file" >>/root/asked
              socket=$(sed -n 's/^Socket=//p' "$file")
              systemctl is-active basic.target >>/root/asked
              printf 'pass phrase' | /lib/systemd/systemd-reply-password 1 "$socket"
            done
        """, mode="0755")
        self.machine.write("/etc/systemd/system/answer.path", """\
            [Unit]
            DefaultDependencies=no
            [Path]
            DirectoryNotEmpty=/run/systemd/ask-password
            MakeDirectory=yes
            [Install]
            WantedBy=sysinit.target
        """)
        self.machine.write("/etc/systemd/system/answer.service", """\
            [Unit]
            DefaultDependencies=no
            StartLimitIntervalSec=0
            [Service]
            Type=oneshot
            ExecStart=/root/answer
            ExecStartPost=/bin/sleep 0.2
        """)
        self.machine.sh("systemctl daemon-reload; systemctl enable answer.path")
        self.machine.restart()
        self.machine.wait("systemctl is-active reads-locked")
        self.assertEqual(self.machine.read("/run/agenix/locked"), "behind a password\n")
        self.assertEqual(self.machine.read("/run/agenix/open"), "for the machine\n")
        asked = self.machine.read("/root/asked")
        self.assertIn("/etc/keys/locked", asked)
        self.assertNotIn("inactive", asked)

    def test_not_answered(self):
        """The machine is up, with the other secrets, while the question stands."""
        self.machine.sh("systemctl disable --now answer.path 2>/dev/null || true")
        # A short patience, as nobody answers.
        self.machine.write(
            "/etc/systemd/system/adage-activate-late.service.d/patience.conf", "[Service]\nTimeoutStartSec=3\n"
        )
        self.addCleanup(self.machine.sh, "rm -r /etc/systemd/system/adage-activate-late.service.d")
        self.machine.restart()
        self.assertEqual(self.machine.read("/run/agenix/open"), "for the machine\n")
        self.assertEqual(self.machine.show("multi-user.target", "ActiveState"), "active")
        self.machine.wait("systemctl is-failed adage-activate-late.service")
        self.assertFalse(self.machine.exists("/run/agenix/locked"))
        self.assertNotEqual(self.machine.show("reads-locked", "ActiveState"), "active")
