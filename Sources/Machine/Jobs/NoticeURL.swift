internal import Plan
internal import Programs
internal import SystemFiles
internal import SystemPackage

/// An address where a job's start, success and failure are reported, as healthchecks.io has them.
///
/// The address may be a secret: curl reads it, and what is sent, from its standard input.
struct URLNotice: Sendable {
  enum Event: Sendable {
    case start, success
    case failure(text: String)
  }

  private let url: String

  static let longest = 2048
  static let longestBody = 8192

  /// nil if nothing is to be reported anywhere.
  init?(_ notices: PlannedJob.Notices) throws(JobError) {
    if let url = notices.url {
      self.url = try Self.checked(url)
    } else if let file = notices.urlFile {
      let bytes: [UInt8]
      do throws(SystemFilesError) {
        bytes = try readFile(FilePath(file), limit: Self.longest + 2)
      } catch {
        throw JobError(.system, "\(error)")
      }
      url = try Self.checked(String(decoding: bytes, as: UTF8.self).trimmed)
    } else {
      return nil
    }
  }

  /// Never says what the address is.
  private static func checked(_ url: String) throws(JobError) -> String {
    let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    guard isPlain, url.utf8.count <= longest,
      url.hasPrefix("https://") || url.hasPrefix("http://")
    else { throw JobError(.job, "the address is none that begins with https:// or http://") }
    return url
  }

  /// The address of an event: its word is the last part of the path.
  func address(of event: Event) -> String {
    let word =
      switch event {
      case .start: "/start"
      case .success: ""
      case .failure: "/fail"
      }
    let end = url.firstIndex { $0 == "?" || $0 == "#" } ?? url.endIndex
    var path = url[..<end]
    while !word.isEmpty && path.hasSuffix("/") { path.removeLast() }
    return path + word + url[end...]
  }

  /// What curl is told (curl(1), "--config").
  func configuration(of event: Event) -> String {
    let scheme = url.hasPrefix("https://") ? "=https" : "=http"
    var lines = [
      "url = \(quoted(address(of: event)))", "silent", "show-error", "fail", "globoff",
      "proto = \"=https,http\"", "location", "max-redirs = 3", "proto-redir = \"\(scheme)\"",
      "connect-timeout = 10", "max-time = 10", "output = \"/dev/null\"",
      "write-out = \"%{http_code}\"",
    ]
    switch event {
    case .start: lines += ["retry = 1", "retry-max-time = 10"]
    case .success: lines += ["retry = 3", "retry-max-time = 30"]
    case .failure(let text):
      let body = text.cut(bytes: Self.longestBody)
      lines += [
        "retry = 3", "retry-max-time = 30", "header = \"Content-Type: text/plain; charset=utf-8\"",
        "data-raw = \(quoted(body))",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n").replacing("\r", with: "\\r").replacing("\t", with: "\\t")
      .replacing("\0", with: "")
    return "\"\(escaped)\""
  }

  /// - Throws: `JobError` if it did not arrive.
  func send(_ event: Event) async throws(JobError) {
    let output: Program.Output
    do throws(ProgramError) {
      output = try await Program("curl", ["-q", "--config", "-"], environment: plainEnvironment)
        .output(input: Array(configuration(of: event).utf8), limit: 1 << 16, within: 50)
    } catch {
      throw JobError(.system, "\(error)")
    }
    // Redirections that were not followed are no success.
    if output.ending.isSuccess && output.text.hasPrefix("2") { return }
    let said = output.errors.split(separator: "\n").last.map(String.init)
    throw JobError(.step, reason(said, output.text, output.ending))
  }

  /// What curl said, without the address.
  private func reason(_ said: String?, _ status: String, _ ending: Program.Ending) -> String {
    guard !ending.isSuccess else { return "the server answered with status \(status)" }
    guard let said else { return "curl: \(ending)" }
    let authority = url.split { "/?#".contains($0) }.dropFirst().first ?? "://"
    let host = authority.split(separator: "@").last?.split(separator: ":").first ?? authority
    return said.replacing(url, with: "…").replacing(host, with: "the server").cleaned(limit: 200)
  }
}

extension String {
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
