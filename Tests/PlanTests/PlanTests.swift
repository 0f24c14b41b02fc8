import Plan
import Testing

func secret(_ name: String, path: String? = nil, symlink: Bool = true) -> PlannedSecret {
  PlannedSecret(
    name: name, file: "/etc/secrets/a.age", path: path ?? "/run/agenix/\(name)", symlink: symlink)
}

func plan(_ secrets: PlannedSecret...) -> Plan {
  Plan(identityPaths: ["/etc/ssh/ssh_host_ed25519_key"], secrets: secrets)
}

@Suite struct ValidationTests {
  @Test func aGoodPlanHasNoProblems() {
    let good = plan(
      secret("plain"), secret("restic/env"), secret("restic/password"), secret("with space"),
      secret("ünï"), secret("..dots"), secret("elsewhere", path: "/etc/app/token"),
      secret("copied", path: "/etc/app/copy", symlink: false), secret("a-b"), secret("a-b.c/d"))
    #expect(good.problems() == [])
  }

  @Test(arguments: [
    ("", "is empty"), ("/a", "begins with a slash"), ("a/", "ends with a slash"),
    ("a//b", "contains two slashes in a row"), ("..", "contains \"..\""),
    ("../../etc/passwd", "contains \"..\""), ("a/../b", "contains \"..\""),
    ("../\u{301}a", "contains \"..\""), ("./a", "contains \".\""), ("a/.", "contains \".\""),
    ("a\nb", "contains a control character"), ("a\0b", "contains a control character"),
    (String(repeating: "x", count: 256), "has a component longer than 255 bytes"),
    (
      Array(repeating: String(repeating: "x", count: 250), count: 17).joined(separator: "/"),
      "is longer than 4000 bytes"
    ),
  ])
  func aNameStaysInItsGeneration(name: String, reason: String) throws {
    let problems = plan(secret(name)).problems()
    #expect(problems.map(\.code) == [.name])
    #expect(problems[0].description.hasSuffix(": the name \(reason)"))
  }

  @Test(arguments: [
    ("relative", "is not absolute"), ("", "is not absolute"), ("/", "is the root directory"),
    ("/etc/", "ends with a slash"), ("/etc//x", "contains two slashes in a row"),
    ("/etc/../x", "contains \"..\""), ("/etc/./x", "contains \".\""),
    ("/etc/a\tb", "contains a control character"),
  ])
  func aPathIsAbsoluteAndPlain(path: String, reason: String) {
    let problems = plan(secret("a", path: path)).problems()
    #expect(problems.map(\.code) == [.path])
    #expect(problems.first?.description.hasSuffix(reason) == true)
    var misplaced = plan()
    misplaced.secretsDirectory = path
    #expect(misplaced.problems().first?.code == .path)
    misplaced = plan()
    misplaced.secretsMountPoint = path
    #expect(misplaced.problems().first?.code == .path)
  }

  @Test(arguments: [
    ([secret("a"), secret("a")], "two secrets have the name \"a\""),
    ([secret("a/b"), secret("a")], "secret \"a\" is in the way of secret \"a/b\", below it"),
    (
      [secret("a", path: "/x"), secret("b", path: "/x")], "two secrets have the path \"/x\""
    ),
    (
      [secret("a", path: "/x"), secret("b", path: "/x/y/z")],
      "path \"/x\" is in the way of path \"/x/y/z\", below it"
    ),
    (
      [secret("a", path: "/run/agenix/b")],
      "secret \"a\": path \"/run/agenix/b\" is inside secretsDir; set name = \"b\" instead"
    ),
    (
      [secret("a", path: "/run/agenix")],
      "secret \"a\": path \"/run/agenix\" is in the way of /run/agenix"
    ),
    (
      [secret("a", path: "/run")], "secret \"a\": path \"/run\" is in the way of /run/agenix"
    ),
    (
      [secret("a", path: "/run/agenix.d/1/a")],
      "secret \"a\": path \"/run/agenix.d/1/a\" is in the way of /run/agenix.d"
    ),
    (
      [secret("a", path: "/run/agenix.d.lock")],
      "secret \"a\": path \"/run/agenix.d.lock\" is in the way of /run/agenix.d.lock"
    ),
  ])
  func whatIsInTheWayIsNamed(secrets: [PlannedSecret], message: String) {
    var conflicting = plan()
    conflicting.secrets = secrets
    #expect(conflicting.problems().map(\.code) == [.conflict])
    #expect(conflicting.problems().map(\.description) == [message])
  }

  @Test(arguments: [
    ("/run/a", "/run/a"), ("/run/a", "/run/a/b"), ("/run/a/b", "/run/a"),
  ])
  func theLinkAndTheMountPointAreApart(directory: String, mountPoint: String) {
    var nested = plan()
    nested.secretsDirectory = directory
    nested.secretsMountPoint = mountPoint
    #expect(nested.problems().map(\.code) == [.conflict])
  }

  @Test func everyProblemIsListed() {
    var bad = plan(secret("a"), secret("../b"), secret("c"))
    bad.identityPaths = []
    bad.secrets[0].mode = "rw"
    bad.secrets[0].owner = ""
    bad.secrets[2].file = "c.age"
    bad.secrets[2].group = "a\nb"
    #expect(
      bad.problems().map(\.description) == [
        "identityPaths is empty: there is no key to open a secret with",
        "secret \"a\": owner \"\" is no name and no number",
        "secret \"a\": mode \"rw\" is neither octal (0400) nor symbolic (u=rw,g=r)",
        "secret \"../b\": the name contains \"..\"",
        "secret \"c\": file \"c.age\" is not an absolute path",
        "secret \"c\": group \"a\\nb\" is no name and no number",
      ])
    bad = plan()
    bad.identityPaths = ["~/.ssh/id_ed25519"]
    #expect(bad.problems().map(\.code) == [.path])
  }
}

@Suite struct CodingTests {
  static let example = """
    {
      "version": 1,
      "identityPaths": [
        "/etc/ssh/ssh_host_ed25519_key"
      ],
      "secretsDir": "/run/agenix",
      "secretsMountPoint": "/run/agenix.d",
      "secrets": [
        {
          "name": "restic/env",
          "file": "/srv/secrets/env.age",
          "path": "/run/agenix/restic/env",
          "mode": "0400",
          "owner": "0",
          "group": "0",
          "symlink": true
        }
      ],
      "units": [
        {
          "name": "restic-backups-daily.service",
          "enable": true,
          "dropIn": false,
          "sections": [
            {
              "name": "Service",
              "settings": [
                "User=root",
                "Environment=\\"A=b=c\\"",
                "Environment="
              ]
            }
          ],
          "aliases": [],
          "wantedBy": [
            "multi-user.target"
          ],
          "requiredBy": [],
          "upheldBy": [],
          "whenChanged": "keep"
        }
      ],
      "jobs": [
        {
          "name": "daily",
          "user": "arthur",
          "dynamicUser": false,
          "group": null,
          "supplementaryGroups": [],
          "restic": "/usr/bin/restic",
          "environment": {
            "RESTIC_REPOSITORY": "/srv/backup"
          },
          "environmentFiles": [],
          "source": {
            "paths": [
              "/home"
            ],
            "dynamicPaths": null,
            "exclude": [],
            "command": []
          },
          "backupArguments": [],
          "options": [],
          "initialize": true,
          "pruneOptions": [
            "--keep-daily 7"
          ],
          "checkOptions": null,
          "prepareCommand": null,
          "cleanupCommand": "/etc/adage/files/x-cleanup",
          "inhibitsSleep": false,
          "strictPaths": false,
          "maximumAge": 172800,
          "wrapper": true,
          "hardened": true,
          "credentials": false,
          "notices": {
            "desktop": null,
            "command": null,
            "url": "https://example.org/ping",
            "urlFile": null
          }
        }
      ],
      "files": [
        {
          "path": "/etc/adage/files/x-cleanup",
          "executable": true,
          "text": "#!/bin/sh\\n"
        }
      ],
      "temporaryFiles": [
        "d /var/backup 0700 root root -"
      ]
    }

    """

  static var planned: Plan {
    var plan = Plan(
      identityPaths: ["/etc/ssh/ssh_host_ed25519_key"],
      secrets: [
        PlannedSecret(
          name: "restic/env", file: "/srv/secrets/env.age", path: "/run/agenix/restic/env")
      ])
    plan.units = [
      PlannedUnit(
        name: "restic-backups-daily.service",
        sections: [
          UnitSection(
            "Service",
            [
              UnitSetting("User", "root"), UnitSetting("Environment", "\"A=b=c\""),
              UnitSetting("Environment", ""),
            ])
        ], wantedBy: ["multi-user.target"], whenChanged: .keep)
    ]
    plan.jobs = [
      PlannedJob(
        name: "daily", user: "arthur", restic: "/usr/bin/restic",
        environment: ["RESTIC_REPOSITORY": "/srv/backup"],
        source: PlannedJob.Source(paths: ["/home"]), initialize: true,
        pruneOptions: ["--keep-daily 7"], cleanupCommand: "/etc/adage/files/x-cleanup",
        maximumAge: 172_800, isHardened: true,
        notices: PlannedJob.Notices(desktop: nil, url: "https://example.org/ping"))
    ]
    plan.files = [
      PlannedFile(path: "/etc/adage/files/x-cleanup", text: "#!/bin/sh\n", isExecutable: true)
    ]
    plan.temporaryFiles = ["d /var/backup 0700 root root -"]
    return plan
  }

  @Test func theTextIsExactlyThis() throws {
    #expect(Self.planned.json() == Self.example)
    #expect(try Plan(json: Array(Self.example.utf8)) == Self.planned)
  }

  @Test func aJobStandsAlone() throws {
    let job = Self.planned.jobs[0]
    #expect(try PlannedJob(json: Array(job.json().utf8)) == job)
    #expect(throws: PlanError(.missingKey, "")) { try PlannedJob(json: Array("{}".utf8)) }
    let later = job.json().replacing("\"version\": 1", with: "\"version\": 2")
    #expect(throws: PlanError(.version, "")) { try PlannedJob(json: Array(later.utf8)) }
  }

  /// Pieces of command lines stand in a line of the job's unit.
  @Test func piecesOfCommandLinesAreLines() {
    let places: [WritableKeyPath<PlannedJob, [String]>] = [
      \.backupArguments, \.options, \.pruneOptions, \.source.command,
    ]
    for place in places {
      var plan = Self.planned
      plan.jobs[0][keyPath: place] = ["--tag a \\\n b"]
      #expect(plan.problems() == [])
      plan.jobs[0][keyPath: place] = ["--tag a\nUser=b"]
      #expect(plan.problems() == [PlanError(.setting, "")])
    }
  }

  @Test func everyTextComesBack() throws {
    let texts = ["", "\"\\/", "\u{1}\u{1f}\u{7f}\n\r\t", "ünï 🔑", "\u{2028}", "\\u0041"]
    var plan = plan()
    plan.identityPaths = texts
    plan.secrets = texts.map { secret($0, symlink: false) }
    let back = try Plan(json: Array(plan.json().utf8))
    #expect(back.identityPaths == texts)
    #expect(back.secrets == plan.secrets.sorted { $0.name < $1.name })
  }

  @Test func escapesAreRead() throws {
    let text = Self.example.replacing(
      "restic/env\",\n      \"file", with: "\\u00fc\\ud83d\\uDD11\\/\\b\\f\",\n      \"file")
    #expect(try Plan(json: Array(text.utf8)).secrets[0].name == "ü🔑/\u{8}\u{c}")
  }

  @Test(arguments: [
    ("\"version\": 1", "\"version\": 2", PlanError.Code.version),
    ("\"version\": 1", "\"version\": \"1\"", .type),
    ("\"version\": 1", "\"version\": 1.0", .syntax),
    ("\"version\": 1", "\"version\": 01", .syntax),
    ("\"version\": 1", "\"version\": 99999999999999999999", .syntax),
    ("\"version\": 1,", "", .missingKey),
    ("\"version\": 1,", "\"version\": 1, \"version\": 1,", .syntax),
    ("\"version\": 1,", "\"version\": 1, \"extra\": null,", .unknownKey),
    ("\"mode\": \"0400\",", "", .missingKey),
    ("\"mode\": \"0400\"", "\"mode\": 400", .type),
    ("\"mode\": \"0400\",", "\"mode\": \"0400\", \"Mode\": \"0777\",", .unknownKey),
    ("\"symlink\": true", "\"symlink\": \"true\"", .type),
    ("\"symlink\": true", "\"symlink\": true,", .syntax),
    ("\"symlink\": true", "\"symlink\": yes", .syntax),
    ("\"symlink\": true", "\"symlink\" true", .syntax),
    ("\"secrets\": [", "\"secrets\": [[],", .type),
    ("\"secrets\": [", "\"secrets\": [,", .syntax),
    ("[\n    \"/etc/ssh/ssh_host_ed25519_key\"\n  ]", "\"/etc\"", .type),
    ("\"/etc/ssh/ssh_host_ed25519_key\"", "7", .type),
    ("\"0400\"", "\"04\n00\"", .syntax),
    ("\"0400\"", "\"04\\x00\"", .syntax),
    ("\"0400\"", "\"\\ud800\"", .syntax),
    ("\"0400\"", "\"\\ud800\\u0041\"", .syntax),
    ("\"0400\"", "\"\\udc00\"", .syntax),
    ("\"0400\"", "\"\\u12g4\"", .syntax),
    ("\"0400\"", "'0400'", .syntax),
    ("\"enable\": true", "\"enable\": 1", .type),
    ("\"keep\"", "\"explode\"", .type),
    ("\"settings\": [", "\"Settings\": [", .missingKey),
    ("\"RESTIC_REPOSITORY\": \"/srv/backup\"", "\"RESTIC_REPOSITORY\": 1", .type),
    ("\"maximumAge\": 172800", "\"maximumAge\": \"2d\"", .type),
    ("\"desktop\": null,", "", .missingKey),
    ("\"desktop\": null", "\"desktop\": \"arthur\"", .type),
    ("\"executable\": true", "\"executable\": null", .type),
    ("  ]\n}\n", "  ]\n}\n{}", .syntax),
    ("  ]\n}\n", "  ]\n", .syntax),
    ("\"secretsDir\": \"/run/agenix\"", "\"secretsDir\": \"/run/agenix", .syntax),
  ])
  func whatWeWouldNeverWriteIsRefused(
    part: String, replacement: String, code: PlanError.Code
  ) throws {
    let text = Self.example.replacing(part, with: replacement)
    #expect(text != Self.example)
    #expect(throws: PlanError(code, "")) { try Plan(json: Array(text.utf8)) }
  }

  @Test func aMessageNamesThePlace() throws {
    func message(_ part: String, _ replacement: String) -> String? {
      let text = Self.example.replacing(part, with: replacement)
      return #expect(throws: PlanError.self) { try Plan(json: Array(text.utf8)) }?.description
    }
    #expect(
      message("\"mode\": \"0400\"", "\"mode\": 400")
        == "secrets[0]: mode: a string expected, not a number")
    #expect(
      message("\"mode\"", "\"mdoe\"") == "secrets[0]: the key \"mode\" is missing")
    #expect(
      message("\"symlink\": true", "\"symlink\": yes") == "line 16, column 18: a value expected")
  }

  @Test func sizeAndDepthAreLimited() {
    let deep = { (depth: Int) in
      Array(String(repeating: "[", count: depth).utf8)
        + Array(String(repeating: "]", count: depth).utf8)
    }
    #expect(throws: PlanError(.type, "")) { try Plan(json: deep(32)) }
    #expect(throws: PlanError(.limit, "")) { try Plan(json: deep(33)) }
    #expect(throws: PlanError(.limit, "")) { try Plan(json: deep(100_000)) }
    let space = [UInt8](repeating: 0x20, count: Plan.largest)
    #expect(throws: PlanError(.syntax, "")) { try Plan(json: space) }
    #expect(throws: PlanError(.limit, "")) { try Plan(json: space + [0x20]) }
    #expect(throws: PlanError(.syntax, "")) { try Plan(json: []) }
    #expect(throws: PlanError(.syntax, "")) { try Plan(json: [0x22, 0xff, 0x22]) }
  }
}

@Suite struct UnitValidationTests {
  private func problems(_ change: (inout Plan) -> Void) -> [String] {
    var plan = CodingTests.planned
    change(&plan)
    return plan.problems().map(\.description)
  }

  @Test func aGoodPlanHasNone() { #expect(problems { _ in } == []) }

  @Test(arguments: [
    "x", ".service", "a b.service", "a/b.service", "a.daemon", "ü.service", "a\n.service",
    String(repeating: "a", count: 250) + ".service",
  ])
  func aNameOfAUnit(name: String) {
    #expect(problems { $0.units[0].wantedBy = [name] }.count == 1)
  }

  @Test(arguments: [
    ("Description", "a\nExecStart=/bin/sh", false), ("Description", "a\rb", false),
    ("ExecStart", "/bin/echo \\\n  a", true), ("ExecStart", "", true), ("", "x", false),
    ("A=B", "x", false), ("[Service]\nA", "x", false), ("X-Restart-Triggers", "x", true),
  ])
  func aSettingIsOneLine(key: String, value: String, isGood: Bool) {
    let found = problems { $0.units[0].sections[0].settings.append(UnitSetting(key, value)) }
    #expect(found.count == (isGood ? 0 : 1))
  }

  @Test func whatIsInTheWay() {
    #expect(
      problems { $0.units.append($0.units[0]) } == [
        "two units have the name \"restic-backups-daily.service\""
      ])
    #expect(
      problems { $0.files[0].path = "/etc/passwd" } == [
        "file \"/etc/passwd\" is not below /etc/adage/files"
      ])
    #expect(
      problems { $0.files[0].path = "/etc/adage/files/../x" } == [
        "file \"/etc/adage/files/../x\" is not below /etc/adage/files"
      ])
    #expect(
      problems { $0.units = [] } == ["job \"daily\" has no unit restic-backups-daily.service"])
    #expect(
      problems { $0.jobs[0].name = "a/b" } == [
        "job \"a/b\": the name cannot be part of a unit's"
      ])
    #expect(
      problems { $0.temporaryFiles = ["d /a\nd /b"] } == [
        "systemd.tmpfiles.rules: \"d /a\\nd /b\" is more than a line"
      ])
  }
}
