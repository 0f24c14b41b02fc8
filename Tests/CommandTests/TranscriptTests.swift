import Foundation
import Testing

@Suite struct TranscriptTests {
  @Test func thereAreTranscripts() throws {
    #expect(try Transcript.all().count >= 18)
    #expect(try Transcript.all().contains { $0.needsRoot })
  }

  @Test(arguments: try Transcript.all().filter { !$0.needsRoot })
  func transcript(_ transcript: Transcript) throws {
    try check(transcript)
  }

  @Test(
    .enabled(if: geteuid() == 0, "mounting and giving files away need root"),
    arguments: try Transcript.all().filter(\.needsRoot))
  func transcriptAsRoot(_ transcript: Transcript) throws {
    try check(transcript)
  }

  private func check(_ transcript: Transcript) throws {
    let sandbox = try Sandbox(asAge: transcript.asAge)
    let folder = sandbox.folder.path
    for step in transcript.steps {
      let place = Comment(rawValue: "\(transcript.name):\(step.line): \(step.command)")
      let outcome = try sandbox.run(
        step.command, onTerminal: step.onTerminal, typing: step.typed)
      #expect(outcome.status == step.status, place)
      compare(outcome.output, step.output, folder, place)
      compare(outcome.errors, step.errors, folder, place)
    }
  }

  private func compare(_ text: String, _ expected: [String], _ folder: String, _ place: Comment) {
    var lines = text.replacingOccurrences(of: folder, with: "{dir}")
      .replacingOccurrences(of: "\n\u{1b}[F\u{1b}[K", with: "{gone}\n")
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    let agrees =
      lines.count == expected.count && zip(lines, expected).allSatisfy { matches($0, $1) }
    if !agrees { #expect(lines == expected, place) }
  }
}
