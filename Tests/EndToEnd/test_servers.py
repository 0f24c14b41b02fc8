"""What the other tests stand on: restic, alone, with each of the servers, and Backblaze's two commands."""
from case import OnMachine

RIGHTS = (
    "listBuckets,listAllBucketNames,listFiles,readFiles,writeFiles,deleteFiles,shareFiles,"
    "readBucketEncryption,writeBucketEncryption,readBucketReplications,writeBucketReplications"
)


class Servers(OnMachine):
    @classmethod
    def prepare(cls):
        cls.machine.sh("mkdir /root/data; head -c 3000000 /dev/urandom >/root/data/blob; date >/root/data/text")

    def works(self, repository, environment=""):
        self.machine.sh(f"""
            export RESTIC_PASSWORD=passage RESTIC_REPOSITORY='{repository}' {environment}
            restic --quiet init
            restic --quiet backup /root/data
            restic --quiet restore latest --target /tmp/out
            diff -r /root/data /tmp/out/root/data
            rm -r /tmp/out
        """)

    def test_rest(self):
        self.machine.serve_rest()
        self.works("rest:http://user:passage@127.0.0.1:8000/backups")

    def test_s3(self):
        self.machine.serve_s3()
        self.works(
            "s3:http://127.0.0.1:5000/backups",
            "AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1",
        )

    def test_b2_with_both_commands(self):
        self.machine.serve_b2()
        for number, (command, words) in enumerate((
            ("/opt/python/bin/b2", ("account authorize", "bucket create", "key create", "account clear")),
            ("backblaze-b2", ("authorize-account", "create-bucket", "create-key", "clear-account")),
        )):
            authorize, bucket, key, clear = words
            with self.subTest(command):
                made = self.machine.out(f"""
                    {command} {authorize} 0051master K005masterkey >&2
                    {command} {bucket} backups-{number} allPrivate >&2
                    {command} {key} --bucket backups-{number} restic {RIGHTS}
                    {command} {clear}
                """).split()
                self.assertEqual(len(made), 2)
                self.works(
                    f"b2:backups-{number}:host/sub", f"B2_ACCOUNT_ID={made[0]} B2_ACCOUNT_KEY={made[1]}"
                )
                other = self.machine.sh(
                    f"B2_ACCOUNT_ID={made[0]} B2_ACCOUNT_KEY=wrong RESTIC_PASSWORD=x "
                    f"restic -r b2:backups-{number}:host/sub snapshots", check=False,
                )
                self.assertEqual(other.status, 1)
