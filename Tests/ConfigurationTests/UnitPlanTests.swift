import Configuration
import Foundation
import Plan
import SystemPackage
import Testing

/// What units and jobs a configuration becomes.
@Suite struct UnitPlanTests {
  private func plan(_ text: String, _ machine: FakeMachine = .asRoot) throws -> Plan {
    let plan = try Repository().evaluate(text, machine).plan
    #expect(plan.problems() == [])
    return plan
  }

  private func unit(_ name: String, of plan: Plan) throws -> PlannedUnit {
    try #require(plan.units.first { $0.name == name })
  }

  @Test func theStory() throws {
    let plan = try plan(ModuleTests.story)
    let path = "/usr/bin:/usr/sbin"
    let environment = [
      "PATH": path, "RESTIC_CACHE_DIR": "/var/cache/restic-backups-daily",
      "RESTIC_PASSWORD_FILE": "/run/agenix/restic/password",
      "RESTIC_REPOSITORY_FILE": "/run/agenix/restic/repo",
    ]
    #expect(
      plan.jobs == [
        PlannedJob(
          name: "daily", restic: "/usr/bin/restic", environment: environment,
          source: PlannedJob.Source(paths: ["/home/arthur/documents"]), initialize: true,
          isHardened: true)
      ])
    let job = try unit("restic-backups-daily.service", of: plan)
    #expect(job.whenChanged == .keep)
    #expect(job.values(of: "OnFailure", in: "Unit") == ["notify-backup-failed.service"])
    #expect(job.values(of: "ExecStart", in: "Service") == [])
    #expect(job.values(of: "ExecStartPre", in: "Service") == [])
    #expect(job.values(of: "CacheDirectoryMode", in: "Service") == ["0700"])
    #expect(
      job.values(of: "Environment", in: "Service")
        == environment.sorted { $0.key < $1.key }.map { "\"\($0.key)=\($0.value)\"" })
    let timer = try unit("restic-backups-daily.timer", of: plan)
    #expect(timer.wantedBy == ["timers.target"])
    #expect(timer.sections.last?.settings.map(\.key) == ["OnCalendar", "Persistent"])
    let notice = try unit("notify-backup-failed.service", of: plan)
    let start = try #require(notice.values(of: "ExecStart", in: "Service").first)
    let script = try #require(plan.files.first)
    #expect(start == "\(script.path) ")
    #expect(script.isExecutable)
    #expect(
      script.text
        == "#!/usr/bin/bash\nset -e\n\n/usr/bin/notify-send \"Backup failed\"\n\n")
  }

  /// `NAME.nix` is the plan `NAME.json`, in which the repository is `/home/arthur/secrets`.
  @Test(arguments: ["jobs", "story"])
  func plansOfVectors(name: String) throws {
    let folder = ModuleSystemCases.project.appending(path: "Vectors/units")
    let repository = try Repository()
    let text = try String(contentsOf: folder.appending(path: "\(name).nix"), encoding: .utf8)
    let plan = try repository.evaluate(text, .asRoot).plan
    #expect(plan.problems() == [])
    let json = plan.json().replacing(repository.path.string, with: "/home/arthur/secrets")
    let expected = try String(contentsOf: folder.appending(path: "\(name).json"), encoding: .utf8)
    #expect(json == expected)
  }

  @Test func scriptsOfAJobAndItsUnit() throws {
    let plan = try plan(
      """
      {
        services.restic.backups.a = {
          repository = "/srv/r"; passwordFile = "/p"; user = "arthur"; inhibitsSleep = true;
          dynamicFilesFrom = "ls -d /x*"; backupPrepareCommand = "true"; backupCleanupCommand = "rm x";
          checkOpts = [ "--with-cache" ]; extraOptions = [ "a=b" ]; createWrapper = false;
          strictPaths = true; maxAge = "2d"; loadCredentials = true;
          notify = { desktop = [ "arthur" ]; command = "logger x"; urlFile = "/run/agenix/ping"; };
        };
        systemd.services.restic-backups-a = { preStart = "echo before"; postStop = "echo after"; };
      }
      """)
    let job = try #require(plan.jobs.first)
    #expect(!job.isHardened)
    #expect(job.usesCredentials)
    #expect(job.maximumAge == 172_800)
    #expect(job.checkOptions == ["--with-cache"])
    #expect(!job.hasWrapper)
    #expect(job.notices.desktop == ["arthur"])
    #expect(job.notices.urlFile == "/run/agenix/ping")
    let texts = Dictionary(uniqueKeysWithValues: plan.files.map { ($0.path, $0.text) })
    #expect(job.source.dynamicPaths.flatMap { texts[$0] } == "ls -d /x*")
    #expect(job.prepareCommand.flatMap { texts[$0] } == "true")
    #expect(job.cleanupCommand.flatMap { texts[$0] } == "rm x")
    #expect(job.notices.command.flatMap { texts[$0] } == "logger x")
    let unit = try unit("restic-backups-a.service", of: plan)
    let before = try #require(unit.values(of: "ExecStartPre", in: "Service").first)
    #expect(texts[before] == "#!/usr/bin/bash\nset -e\n\necho before\n")
    #expect(unit.values(of: "ExecStopPost", in: "Service").count == 1)
  }

  /// What the configuration says of the unit decides whose rights the job has, and what it reads.
  @Test func accountsOfJobs() throws {
    let plan = try plan(
      """
      { lib, ... }:
      let job = { repository = "/srv/r"; passwordFile = "/p"; paths = [ "/home" ]; }; in
      {
        services.restic.backups = {
          forced = job // { user = "arthur"; };
          dynamic = job;
          named = job // { user = "saver"; };
          files = job // { environmentFile = "/a"; };
        };
        systemd.services = {
          restic-backups-forced.serviceConfig = {
            User = lib.mkForce "other"; Group = "backup"; SupplementaryGroups = [ "keys" "a b" ];
          };
          restic-backups-dynamic.serviceConfig.DynamicUser = true;
          restic-backups-named.serviceConfig.DynamicUser = "yes";
          restic-backups-files.serviceConfig = { EnvironmentFile = [ "-/b" ]; ExecStartPost = "/bin/c"; };
        };
      }
      """)
    let jobs = Dictionary(uniqueKeysWithValues: plan.jobs.map { ($0.name, $0) })
    let forced = try #require(jobs["forced"])
    #expect(forced.user == "other")
    #expect(forced.group == "backup")
    #expect(forced.supplementaryGroups == ["keys", "a", "b"])
    #expect(!forced.isDynamic)
    // Our own default would be no dynamic user's name.
    let dynamic = try #require(jobs["dynamic"])
    #expect(dynamic.isDynamic)
    #expect(dynamic.user == "restic-backups-dynamic")
    #expect(
      try unit("restic-backups-dynamic.service", of: plan).values(of: "User", in: "Service") == [])
    #expect(jobs["named"]?.user == "saver")
    #expect(jobs["named"]?.isDynamic == true)
    #expect(
      try unit("restic-backups-named.service", of: plan).values(of: "User", in: "Service")
        == ["saver"])
    let files = try #require(jobs["files"])
    #expect(Set(files.environmentFiles) == ["/a", "-/b"])
    #expect(files.environmentFile == "/a")
    #expect(!files.isHardened)
    #expect(dynamic.isHardened)
  }

  @Test func linesOfUnits() throws {
    var machine = FakeMachine.asRoot
    machine.files.insert("/usr/lib/systemd/system/packaged.service")
    let plan = try plan(
      """
      {
        systemd.services = {
          packaged = { serviceConfig.Nice = 5; };
          off.enable = false;
          loads = {
            reloadIfChanged = true; restartTriggers = [ "a" ]; aliases = [ "other.service" ];
            environment = { A = "b \\"c\\" \\\\ d"; B = null; };
            serviceConfig = { ExecStart = [ "" "/bin/a \\\\\\n b" ]; RemainAfterExit = true; X = null; };
          };
          at = { startAt = "daily"; stopIfChanged = false; script = "true"; };
        };
        systemd.tmpfiles.rules = [ "d /srv" ];
      }
      """, machine)
    #expect(plan.temporaryFiles == ["d /srv"])
    #expect(try unit("packaged.service", of: plan).isDropIn)
    #expect(try !unit("off.service", of: plan).isEnabled)
    #expect(try unit("at.service", of: plan).whenChanged == .restart)
    #expect(try unit("at.timer", of: plan).values(of: "OnCalendar", in: "Timer") == ["daily"])
    let loads = try unit("loads.service", of: plan)
    #expect(loads.whenChanged == .reload)
    #expect(loads.aliases == ["other.service"])
    #expect(loads.values(of: "X-Restart-Triggers", in: "Unit").first?.utf8.count == 64)
    let settings = loads.sections[1].settings.filter { !$0.value.contains("PATH=") }
    #expect(
      settings == [
        UnitSetting("Environment", #""A=b \"c\" \\ d""#), UnitSetting("ExecStart", ""),
        UnitSetting("ExecStart", "/bin/a \\\n b"), UnitSetting("RemainAfterExit", "true"),
      ])
  }

  @Test(arguments: [
    ("maxAge = \"2 fortnights\";", "`2 fortnights' is not a time such as 36h, 2d or 1w"),
    ("paths = [ ]; pruneOpts = [ ];", "there is nothing to back up, to prune or to check"),
    (
      "notify = { url = \"https://a\"; urlFile = \"/b\"; };",
      "notify.url and notify.urlFile say the same thing"
    ),
  ])
  func whatAJobCannotBe(settings: String, reason: String) throws {
    let error = try Repository().failure(
      """
      {
        services.restic.backups.a = { repository = "/srv/r"; passwordFile = "/p"; \(settings) }
          // (if builtins.match ".*paths.*" ''\(settings)'' == null then { paths = [ "/home" ]; } else { });
      }
      """, .asRoot)
    #expect(error.description.contains(reason))
  }

  /// What only jobs need may be missing where only secrets are installed.
  @Test func secretsNeedNoProgram() throws {
    let repository = try Repository()
    let file = try repository.write(ModuleTests.story)
    var machine = FakeMachine.asRoot
    machine.programs = [:]
    #expect(try Configuration.read(file, .secrets, machine: machine).plan.secrets.count == 3)
    #expect(throws: ConfigurationError.self) {
      try Configuration.read(file, .everything, machine: machine)
    }
  }
}
