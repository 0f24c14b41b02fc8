extension Program {
  /// Runs the program as `output(input:limit:)` does, but for so many seconds at most.
  ///
  /// Then it is killed and no longer waited for: what it may have started itself may keep its outputs open.
  package func output(
    input: [UInt8] = [], limit: Int = 1 << 20, within seconds: Int
  ) async throws(ProgramError) -> Output {
    let (ends, continuation) = AsyncStream.makeStream(of: Result<Output, ProgramError>.self)
    let program = self
    // The main task's own priority is above what others than root may have, about which libdispatch complains to the
    // system's log from each thread that inherits it.
    let work = Task.detached(priority: .medium) {
      let end: Result<Output, ProgramError>
      do throws(ProgramError) {
        end = .success(try await program.output(input: input, limit: limit))
      } catch {
        end = .failure(error)
      }
      continuation.yield(end)
    }
    let alarm = Task.detached(priority: .medium) {
      try await Task.sleep(for: .seconds(seconds))
      continuation.yield(.failure(ProgramError(program.name, late: seconds)))
    }
    defer {
      work.cancel()
      alarm.cancel()
    }
    for await end in ends { return try end.get() }
    throw ProgramError(name, late: seconds)
  }
}

extension ProgramError {
  fileprivate init(_ program: String, late seconds: Int) {
    self.init(description: "run \(program): it did not end within \(seconds) s")
  }
}
