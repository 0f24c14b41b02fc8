import Foundation
import Plan
import TestSupport
import Testing

@testable import Jobs

/// A server that answers by the path, and writes what it is asked into a file.
private let server = """
  import http.server, os, sys, threading
  class Handler(http.server.BaseHTTPRequestHandler):
      tries = 0
      def answer(self):
          body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
          with open(sys.argv[1], 'ab') as log:
              log.write(('%s %s\\n' % (self.command, self.path)).encode() + body + b'\\n')
          status = 200
          if self.path.startswith('/gone'): status = 404
          if self.path.startswith('/moved'): status = 302
          if self.path.startswith('/again'):
              Handler.tries += 1
              status = 503 if Handler.tries < 2 else 200
          self.send_response(status)
          if status == 302: self.send_header('Location', 'file:///etc/passwd' if 'file' in self.path else '/ok')
          self.end_headers()
          self.wfile.write(b'OK')
      do_GET = do_POST = answer
      def log_message(self, *words): pass
  httpd = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
  # It ends with the tests, however they end.
  threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
  print(httpd.server_port, flush=True)
  httpd.serve_forever()
  """

private final class Server {
  let port: Int
  private let process = Process()
  private let input = Foundation.Pipe()
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    let output = Foundation.Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--default-signal", python, "-c", server, folder.path("log")]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(line.filter(\.isNumber)))
  }

  deinit { kill(process.processIdentifier, SIGKILL) }

  var log: String { (try? folder.read("log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  func notice(_ path: String) throws -> URLNotice {
    try #require(try URLNotice(PlannedJob.Notices(url: "http://127.0.0.1:\(port)\(path)")))
  }
}

@Suite struct URLNoticeTests {
  @Test func startSuccessAndFailure() async throws {
    let server = try Server()
    let notice = try server.notice("/ping/uuid/?a=\"b\"")
    try await notice.send(.start)
    try await notice.send(.success)
    try await notice.send(.failure(text: "backup: \"x\" \\ @file\n\ttwo é\nthree"))
    #expect(
      server.log == """
        GET /ping/uuid/start?a="b"

        GET /ping/uuid/?a="b"

        POST /ping/uuid/fail?a="b"
        backup: "x" \\ @file
        \ttwo é
        three

        """)
  }

  @Test func textIsCut() async throws {
    let server = try Server()
    try await server.notice("/x").send(.failure(text: String(repeating: "é", count: 100_000)))
    let body = server.log.split(separator: "\n")[1]
    #expect(body.utf8.count <= URLNotice.longestBody)
    #expect(body.hasSuffix("é…"))
  }

  @Test func itTriesAgain() async throws {
    let server = try Server()
    try await server.notice("/again").send(.success)
    #expect(server.log.split(separator: "\n").count == 2)
  }

  @Test(arguments: ["/gone", "/moved/file"])
  func failures(path: String) async throws {
    let server = try Server()
    let error = await #expect(throws: JobError.self) {
      try await server.notice("\(path)/0f7c-uuid").send(.success)
    }
    let reason = try #require(error?.reason)
    #expect(!reason.contains("uuid"))
    #expect(!reason.contains("root:"))
  }

  @Test func redirectionsStayWithTheProtocol() async throws {
    let server = try Server()
    try await server.notice("/moved").send(.success)
    #expect(server.log.contains("GET /ok"))
    let secure = try #require(try URLNotice(PlannedJob.Notices(url: "https://example.com/x")))
    #expect(secure.configuration(of: .start).contains("proto-redir = \"=https\"\n"))
  }

  /// curl is told everything through its input.
  @Test func nothingIsAnArgument() async throws {
    let notice = try #require(try URLNotice(PlannedJob.Notices(url: "http://127.0.0.1:1/uuid")))
    let error = await #expect(throws: JobError.self) { try await notice.send(.start) }
    #expect(error?.reason.contains("uuid") == false)
    #expect(error?.reason.contains("127.0.0.1") == false)
  }

  @Test(arguments: [
    "file:///etc/passwd", "ftp://x/", "", "http://x/\n-o", "http://a b", "-o x", "httpss://x",
    "http://x/é", "http://x/" + String(repeating: "x", count: 2048),
  ])
  func whatIsNoAddress(url: String) {
    #expect(throws: JobError(.job, "")) { try URLNotice(PlannedJob.Notices(url: url)) }
  }

  @Test func anAddressInAFile() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write("url", "  https://hc.example/uuid\n")
    let notice = try #require(try URLNotice(PlannedJob.Notices(urlFile: file)))
    #expect(notice.address(of: .failure(text: "")) == "https://hc.example/uuid/fail")
    #expect(try URLNotice(PlannedJob.Notices()) == nil)
    #expect(throws: JobError(.system, "")) {
      try URLNotice(PlannedJob.Notices(urlFile: folder.path("missing")))
    }
    try folder.write("url", String(repeating: "x", count: 5000))
    #expect(throws: JobError(.system, "")) { try URLNotice(PlannedJob.Notices(urlFile: file)) }
  }
}
