/// What an evaluation may use; passing a limit is an error that names it.
package struct Limits: Sendable {
  /// Calls and suspended values being evaluated inside one another. Nix's own stack of 64 MiB holds
  /// some 60,000 to 100,000 calls.
  package var depth = 100_000

  /// Brackets and operators inside one another in a source.
  package var nesting = 10_000

  /// Bytes of one source file.
  package var sourceBytes = 16 << 20

  /// Calls made and values forced, in all.
  package var steps = 500_000_000

  /// Bytes allocated for values, in all: an evaluator frees its values together at its end.
  package var memory = 2 << 30

  /// Bytes of one string.
  package var stringBytes = 256 << 20

  /// Elements of one list.
  package var listElements = 16 << 20

  /// Bytes reserved for the stack that evaluation takes place on, at least 16 MiB; half as much, and so on, where there
  /// is less. 1 GiB holds `depth` calls even of a debug build, whose frames are several times larger.
  package var stackBytes = 1 << 30

  package init() {}
}
