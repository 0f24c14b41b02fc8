import CFuzzer

/// A parser that is given whatever the fuzzer invents; what must hold is checked with preconditions.
typealias FuzzTarget = @Sendable ([UInt8]) -> Void

private let targets: [String: FuzzTarget] = [
  "header": fuzzHeader, "armor": fuzzArmor, "stream": fuzzStream,
  "ssh-public-key": fuzzSSHPublicKey, "ssh-private-key": fuzzSSHPrivateKey, "bech32": fuzzBech32,
  "plugin-replies": fuzzPluginReplies, "nix-lexer": fuzzNixLexer, "nix-parser": fuzzNixParser,
  "nix-evaluator": fuzzNixEvaluator,
]

/// The target of this process; C calls back without context.
private let target = CommandLine.arguments.count > 1 ? targets[CommandLine.arguments[1]] : nil

/// `fuzz TARGET [LIBFUZZER-ARGUMENT …]`
@main
enum Fuzz {
  static func main() {
    guard target != nil else {
      print("usage: fuzz \(targets.keys.sorted().joined(separator: "|")) [-help=1] [CORPUS]")
      return
    }
    var count = CommandLine.argc - 1
    // libFuzzer wants a program's name first, and gets the target's.
    var arguments = unsafe Optional(CommandLine.unsafeArgv + 1)
    _ = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
      target?(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
      return 0
    }
  }
}
