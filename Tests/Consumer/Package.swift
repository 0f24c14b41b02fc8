// swift-tools-version: 6.2
import PackageDescription

/// A package that depends on the library `Age` and on nothing else, as somebody else's would.
let package = Package(
  name: "consumer",
  dependencies: [.package(name: "adage", path: "../..")],
  targets: [
    .executableTarget(name: "consumer", dependencies: [.product(name: "Age", package: "adage")])
  ]
)
