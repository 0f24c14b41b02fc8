// swift-tools-version: 6.2
import PackageDescription

/// Every target of this package is built with these: Swift 6, strict memory safety, no warnings.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

/// A target of ours in its group's folder below `Sources`.
func target(
  _ name: String, in group: String, _ dependencies: [Target.Dependency] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(group)/\(name)",
    swiftSettings: settings)
}

/// The tests of a target, or of the whole where `name` is no target's.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let package = Package(
  name: "adage",
  products: [
    .library(name: "Age", targets: ["Age", "SecretMemory"]),
    .library(name: "AgeSSH", targets: ["AgeSSH"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
  ],
  targets: [
    // The file format and keys.
    .systemLibrary(
      name: "CLibsodium", path: "Sources/AgeFormat/CLibsodium", pkgConfig: "libsodium",
      providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(
      name: "CLibcrypto", path: "Sources/AgeFormat/CLibcrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    target("SecretMemory", in: "AgeFormat", ["CLibsodium", system]),
    .target(name: "CBase64", path: "Sources/AgeFormat/CBase64"),
    target(
      "Age", in: "AgeFormat", ["CBase64", "CLibcrypto", "CLibsodium", "SecretMemory", system]),
    target("AgePlugin", in: "AgeFormat", ["Age", "CLibsodium", "SecretMemory", system]),
    target("AgePostQuantum", in: "AgeFormat", ["Age", "SecretMemory", crypto]),
    target("AgeSSH", in: "AgeFormat", ["Age", "CLibcrypto", "CLibsodium", "SecretMemory"]),
    target(
      "Keyring", in: "AgeFormat",
      ["Age", "AgePlugin", "AgePostQuantum", "AgeSSH", "SecretMemory", system]),

    // A repository of secrets.
    target("NixExpression", in: "Repository"),
    .target(name: "CNixLibrary", path: "Sources/Repository/CNixLibrary"),
    .target(
      name: "NixLibrary", dependencies: ["CNixLibrary", "NixExpression"],
      path: "Sources/Repository/NixLibrary", exclude: ["modules", "nixpkgs"],
      swiftSettings: settings),
    target("Manifest", in: "Repository", ["NixExpression", system]),
    target("NewRepository", in: "Repository"),
    target(
      "Editing", in: "Repository",
      [
        "Age", "AgePlugin", "Keyring", "Manifest", "SecretMemory", "SystemFiles", subprocess,
        system,
      ]),

    // What a machine should have.
    .target(name: "CSystemCalls", path: "Sources/Machine/CSystemCalls"),
    target("SystemFiles", in: "Machine", ["CSystemCalls", system]),
    target("Plan", in: "Machine"),
    target("Units", in: "Machine", ["Plan"]),
    target("Programs", in: "Machine", ["CSystemCalls", "SecretMemory", subprocess, system]),
    target("Backblaze", in: "Machine", ["Programs", "SecretMemory", system]),
    target("Deployment", in: "Machine", ["Plan", "Programs", "SystemFiles", "Units", system]),
    target("Jobs", in: "Machine", ["CSystemCalls", "Plan", "Programs", "SystemFiles", system]),
    target(
      "Activation", in: "Machine",
      ["Age", "AgePlugin", "Keyring", "Plan", "SecretMemory", "SystemFiles", system]),
    target(
      "Configuration", in: "Machine",
      [
        "CLibcrypto", "CLibsodium", "NixExpression", "NixLibrary", "Plan", "SystemFiles", system,
      ]),

    // The command.
    target(
      "Commands", in: "",
      [
        "Activation", "Age", "AgePlugin", "AgePostQuantum", "AgeSSH", "Backblaze", "CSystemCalls",
        "Configuration", "Deployment", "Editing", "Jobs", "Keyring", "Manifest", "NewRepository",
        "NixExpression", "Plan", "Programs", "SecretMemory", "SystemFiles", "Units", argumentParser,
        subprocess,
        system,
      ]),
    .executableTarget(name: "adage", dependencies: ["Commands"], swiftSettings: settings),

    // Tests.
    .systemLibrary(
      name: "CZlib", path: "Tests/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "TestSupport", dependencies: ["CLibsodium", "CZlib", subprocess, system],
      path: "Tests/TestSupport", swiftSettings: settings),
    .executableTarget(
      name: "locking-probe", dependencies: ["SecretMemory"], path: "Tests/LockingProbe",
      swiftSettings: settings),
    .executableTarget(
      name: "stream-probe", dependencies: ["Age", "SecretMemory", system],
      path: "Tests/StreamProbe", swiftSettings: settings),
    .executableTarget(
      name: "activation-probe", dependencies: ["Activation", "Plan", "SystemFiles", system],
      path: "Tests/ActivationProbe", swiftSettings: settings),
    .executableTarget(
      name: "age-plugin-adage-test", dependencies: ["Age", "AgePlugin", "SecretMemory", system],
      path: "Tests/PluginProbe", swiftSettings: settings),
    tests("SecretMemoryTests", ["SecretMemory", "TestSupport", "locking-probe"]),
    tests(
      "AgeTests",
      ["Age", "AgePostQuantum", "AgeSSH", "SecretMemory", "TestSupport", "stream-probe", system]),
    tests(
      "AgePostQuantumTests",
      ["Age", "AgePostQuantum", "SecretMemory", "TestSupport", crypto]),
    tests("AgeSSHTests", ["Age", "AgeSSH", "SecretMemory", "TestSupport"]),
    tests(
      "AgePluginTests",
      ["Age", "AgePlugin", "SecretMemory", "TestSupport", "age-plugin-adage-test", system]),
    tests(
      "KeyringTests",
      [
        "Age", "AgePlugin", "AgePostQuantum", "AgeSSH", "Keyring", "SecretMemory", "TestSupport",
        system,
      ]),
    tests("NixExpressionTests", ["CLibcrypto", "NixExpression", "TestSupport"]),
    tests("NixLibraryTests", ["NixExpression", "NixLibrary", "TestSupport"]),
    tests("NewRepositoryTests", ["NewRepository", "NixExpression"]),
    tests("ManifestTests", ["Manifest", "NixExpression", system]),
    tests(
      "EditingTests",
      [
        "Age", "AgePlugin", "Editing", "Keyring", "Manifest", "SecretMemory", "SystemFiles",
        "TestSupport", "age-plugin-adage-test", system,
      ]),
    tests("SystemFilesTests", ["SystemFiles", system]),
    tests("PlanTests", ["Plan"]),
    tests("UnitsTests", ["Plan", "Units"]),
    tests("ProgramsTests", ["Programs", "SecretMemory", system]),
    tests("BackblazeTests", ["Backblaze", "SecretMemory"]),
    tests(
      "DeploymentTests", ["Deployment", "Plan", "SystemFiles", "TestSupport", "Units", system]),
    tests("JobsTests", ["Jobs", "Plan", "SystemFiles", "TestSupport", "adage", system]),
    tests(
      "ActivationTests",
      [
        "Activation", "Age", "Keyring", "Plan", "SecretMemory", "SystemFiles", "TestSupport",
        "activation-probe", system,
      ]),
    tests(
      "ConfigurationTests",
      ["Configuration", "NixExpression", "Plan", "SystemFiles", "TestSupport", system]),
    tests(
      "CommandTests",
      [
        "Age", "CSystemCalls", "Commands", "Plan", "SecretMemory", "adage",
        "age-plugin-adage-test", system,
      ]),
  ]
)

// Only to make the documentation: nobody else should have to fetch it.
if Context.environment["ADAGE_DOCUMENTATION"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"))
}

// Only to run the fuzzer: the target is built with libFuzzer's instrumentation, by `make fuzz`.
if Context.environment["ADAGE_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["Age", "AgePlugin", "AgeSSH", "CFuzzer", "NixExpression", "SecretMemory"],
      path: "Tests/Fuzz", exclude: ["make-corpus", "run"], swiftSettings: settings),
  ]
}
