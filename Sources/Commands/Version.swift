/// The version that `--version` and the help print; CHANGELOG.md says what is in it.
package let adageVersion = "0.1.0"

/// What `age --version` prints: the version of age whose behaviour this is, and whose program it is.
let ageVersion = "v1.3.0+adage.\(adageVersion)"
