/// The version that `--version` and the help print; CHANGELOG.md says what is in it.
package let adageVersion = "0.1.0"
