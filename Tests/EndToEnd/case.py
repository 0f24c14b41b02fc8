"""What the tests have in common: a class boots a machine, and a repository of secrets lies on it."""
import os
import shlex
import textwrap
import unittest

from machine import Machine


class OnMachine(unittest.TestCase):
    """Tests of one machine, which is new for each class; the tests of a class do not need each other."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.machine = cls.new_machine()
        cls.prepare()

    @classmethod
    def prepare(cls):
        """What the machine has before the first test."""

    @classmethod
    def new_machine(cls, suffix="", network_of=None):
        machine = Machine(cls.__name__ + suffix)
        if not os.environ.get("KEEP"):
            cls.addClassCleanup(machine.destroy)
        machine.start(network_of)
        return machine

    def assertOneLine(self, text, words):
        """Exactly one line of a journal has these words."""
        lines = [line for line in text.splitlines() if words in line]
        self.assertEqual(len(lines), 1, f"lines with '{words}' in:\n{text}")
        return lines[0]


class Repository:
    """A repository of secrets of root's for one key, made by age itself.

    The story has one that `adage init` made; what others test does not depend on it.
    """

    folder = "/root/secrets"
    identity = "/root/identity"

    def __init__(self, machine):
        self.machine = machine
        machine.sh(f"""
            mkdir -p {self.folder}
            test -e {self.identity} || age-keygen -o {self.identity}
        """)
        self.recipient = machine.out(f"age-keygen -y {self.identity}")

    def put(self, **secrets):
        """Encrypts secrets; in a name, `__` stands for a slash."""
        for name, text in secrets.items():
            path = f"{self.folder}/{name.replace('__', '/')}.age"
            self.machine.sh(
                f"mkdir -p $(dirname {path}); age -r {self.recipient} -o {path}.new; mv {path}.new {path}",
                text=text,
            )

    def configure(self, text, name="machine.nix"):
        """A configuration with that text in its braces."""
        self.machine.write(f"{self.folder}/{name}", f"""\
{{ config, pkgs, lib, ... }}:
{{
  age.identityPaths = [ "{self.identity}" ];
{textwrap.indent(textwrap.dedent(text), "  ")}
}}
""")

    def switch(self, *flags, name="machine.nix", check=True):
        words = " ".join(map(shlex.quote, flags))
        return self.machine.sh(f"adage switch {words} {self.folder}/{name}", check=check)

    def apply(self, text, *flags, check=True):
        self.configure(text)
        return self.switch(*flags, check=check)


def job(name, text, repository=None):
    """A restic job of this name with its usual secrets; `text` is what else it says."""
    where = f'repository = "{repository}";' if repository else ""
    return f"""
age.secrets."{name}/password".file = ./password.age;
services.restic.backups.{name} = {{
  passwordFile = config.age.secrets."{name}/password".path;
  {where}
  {textwrap.dedent(text)}
}};
"""
