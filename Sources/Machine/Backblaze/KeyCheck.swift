import Programs
package import SecretMemory

/// Asks Backblaze what an application key may do, through `curl`; the key goes to its standard input alone.
package struct KeyCheck: Sendable {
  /// Where keys are presented.
  private static let address = "https://api.backblazeb2.com/b2api/v2/b2_authorize_account"
  private static let seconds = 30

  package init() {}

  /// The rights that a key lacks.
  ///
  /// - Parameters:
  ///   - id: the key's id, as `B2_ACCOUNT_ID` has it.
  ///   - key: the key, as `B2_ACCOUNT_KEY` has it.
  /// - Throws: `BackblazeError` with the code `.refused` if Backblaze does not know the key, `.program` if nobody could
  ///   be asked, or `.answer`.
  package func missing(
    id: borrowing SecretBytes, key: borrowing SecretBytes
  ) async throws(BackblazeError) -> Rights.Missing {
    let output: Program.SecretOutput
    do {
      output = try await Program("curl", ["--disable", "--config", "-"])
        .secretOutput(input: try configuration(id, key))
    } catch let error as ProgramError {
      throw BackblazeError(.program, "ask Backblaze about the key: \(error)", hint: "install curl")
    } catch let error as BackblazeError {
      throw error
    } catch {
      throw BackblazeError(.program, "ask Backblaze about the key: \(error)")
    }
    guard output.ending.isSuccess else {
      let said = output.errors.withSpan { bytes in
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
      }
      let line = said.split(whereSeparator: \.isNewline).last.map(String.init) ?? "it says nothing"
      if line.contains("error: 401") {
        throw BackblazeError(
          .refused, "Backblaze does not know the key: it is wrong, or was removed")
      }
      throw BackblazeError(.program, "ask Backblaze about the key: \(line)")
    }
    guard let rights = output.bytes.withSpan(Self.rights) else {
      throw BackblazeError(
        .answer, "ask Backblaze about the key: it does not say what the key may do")
    }
    return Rights.missing(from: rights)
  }

  /// What `curl --config -` reads.
  private func configuration(
    _ id: borrowing SecretBytes, _ key: borrowing SecretBytes
  ) throws(BackblazeError) -> SecretBytes {
    do throws(SecretMemoryError) {
      var buffer = try SecretBuffer(capacity: 1024, locking: .required)
      let options = [
        "url = \"\(Self.address)\"", "proto = \"=https\"", "max-time = \(Self.seconds)", "silent",
        "show-error", "fail", "user = \"",
      ]
      try buffer.append(Array(options.joined(separator: "\n").utf8).span)
      try Self.append(id, to: &buffer)
      try buffer.append([UInt8(ascii: ":")].span)
      try Self.append(key, to: &buffer)
      try buffer.append(Array("\"\n".utf8).span)
      return buffer.finish()
    } catch {
      throw BackblazeError(.program, "ask Backblaze about the key: \(error)", hint: error.hint)
    }
  }

  /// Appends what stands between double quotes there; a line end, which would begin another option, is left out.
  private static func append(
    _ secret: borrowing SecretBytes, to buffer: inout SecretBuffer
  ) throws(SecretMemoryError) {
    try secret.withSpan { bytes throws(SecretMemoryError) in
      for index in bytes.indices {
        switch bytes[index] {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0: continue
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): try buffer.append([UInt8(ascii: "\\")].span)
        default: break
        }
        try buffer.append(bytes.extracting(index..<index + 1))
      }
    }
  }

  /// The list after `"capabilities"` in an answer, which holds a token too: nothing else is copied out of it.
  static func rights(in answer: Span<UInt8>) -> [String]? {
    let name = Array("\"capabilities\"".utf8)
    guard answer.count > name.count,
      let start = (0...answer.count - name.count).first(where: { start in
        name.indices.allSatisfy { answer[start + $0] == name[$0] }
      })
    else { return nil }
    let rest = (start + name.count)..<answer.count
    guard let open = rest.first(where: { answer[$0] == UInt8(ascii: "[") }),
      let close = (open..<answer.count).first(where: { answer[$0] == UInt8(ascii: "]") })
    else { return nil }
    let list = String(decoding: (open + 1..<close).map { answer[$0] }, as: UTF8.self)
    return list.split(separator: ",").map { $0.filter { !$0.isWhitespace && $0 != "\"" } }
  }
}
