import Glibc

/// A large stack to evaluate on, so that nesting is bounded by a limit with an error and not by a crash.
///
/// The memory is only reserved; pages that are never touched cost nothing.
@safe final class DeepStack {
  private static let least = 16 << 20

  private let base: UnsafeMutableRawPointer
  let size: Int

  /// Below this address an evaluation must stop. What lies under it is for one descent through an expression, which
  /// `Limits.nesting` bounds, and for the functions of the system.
  let floor: UInt

  /// Reserves as much as is wanted and the system gives, at least 16 MiB.
  init(_ wanted: Int) throws(NixError) {
    var size = max(wanted, Self.least)
    // Where the address space is limited, most of it is left to the values.
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 {
      while size > Self.least, size > limit.rlim_cur / 4 { size /= 2 }
    }
    while size >= Self.least {
      let memory = unsafe mmap(
        nil, size, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0)
      if let memory = unsafe memory, unsafe memory != MAP_FAILED {
        // The lowest page is a guard: even a frame that is larger than foreseen ends in a fault, not in other memory.
        _ = unsafe mprotect(memory, 4096, PROT_NONE)
        unsafe base = memory
        self.size = size
        floor = UInt(bitPattern: memory) + UInt(size / 4)
        return
      }
      size /= 2
    }
    throw NixError(.limit, "reserving a stack of \(Self.least) bytes: \(Self.reason(errno))")
  }

  deinit { _ = unsafe munmap(base, size) }

  /// Nested expressions that fit into a quarter of the stack, at up to 16 KiB for each.
  var nesting: Int { size / 4 / (16 << 10) }

  /// Runs on the stack, on a thread of its own; the caller does what there is to do meanwhile, and waits.
  func run(_ body: () -> Void, meanwhile: () -> Void = {}) throws(NixError) {
    let failure = withoutActuallyEscaping(body) { body in
      let box = unsafe Unmanaged.passRetained(Box(body))
      var attributes = pthread_attr_t()
      unsafe pthread_attr_init(&attributes)
      defer { unsafe pthread_attr_destroy(&attributes) }
      unsafe pthread_attr_setstack(&attributes, base, size)
      var thread = pthread_t()
      let status = unsafe pthread_create(
        &thread, &attributes,
        { argument in
          if let argument = unsafe argument {
            unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
          }
          return nil
        }, box.toOpaque())
      guard status == 0 else {
        unsafe box.release()
        return status
      }
      meanwhile()
      pthread_join(thread, nil)
      return 0
    }
    guard failure == 0 else {
      throw NixError(.limit, "starting a thread to evaluate on: \(Self.reason(failure))")
    }
  }

  private static func reason(_ error: Int32) -> String {
    unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
  }

  private final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
}

/// Roughly where the stack of the calling thread ends now.
@inline(__always)
func stackAddress() -> UInt {
  var marker: UInt8 = 0
  return unsafe withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
}
