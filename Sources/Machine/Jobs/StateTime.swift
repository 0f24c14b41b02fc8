import Glibc

/// Points and lengths of time, in whole seconds; points since 1970.
package enum Time {
  package static func now() -> Int { Int(time(nil)) }

  /// A length of time as `maxAge` has it: a number and `s`, `min` (or `m`), `h`, `d` or `w`. nil if it is none.
  package static func length(_ text: String) -> Int? {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    let units = ["s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "w": 604800]
    guard (1...9).contains(digits.count), digits.first != 0x30, let number = Int(Substring(digits)),
      let seconds = units[String(unit)]
    else { return nil }
    return number * seconds
  }

  /// A length of time as systemd prints it, such as `1w 2d 3h 37min 17.558646s`. nil if it is none.
  static func printedLength(_ text: String) -> Int? {
    // The longer names first.
    let units: [(String, Double)] = [
      ("month", 2_629_800), ("min", 60), ("ms", 0.001), ("us", 0.000_001), ("y", 31_557_600),
      ("w", 604800), ("d", 86400), ("h", 3600), ("s", 1),
    ]
    var total = 0.0
    let words = text.split(separator: " ")
    for word in words {
      guard let (name, seconds) = units.first(where: { word.hasSuffix($0.0) }),
        let number = Double(word.dropLast(name.count)), number >= 0, number < 1e9
      else { return nil }
      total += number * seconds
    }
    return words.isEmpty ? nil : Int(total)
  }

  /// A point of time as systemd prints it with `TZ=UTC`, such as `Sun 2026-11-29 01:31:07 UTC`. nil if it is none.
  static func printedPoint(_ text: String) -> Int? {
    let words = text.split(separator: " ")
    guard words.count == 4, words[3] == "UTC" else { return nil }
    let numbers = (words[1].split(separator: "-") + words[2].split(separator: ":")).map {
      Int32($0)
    }
    guard numbers.count == 6, let year = numbers[0], let month = numbers[1], let day = numbers[2],
      let hour = numbers[3], let minute = numbers[4], let second = numbers[5]
    else { return nil }
    var parts = unsafe tm()
    unsafe parts.tm_year = year - 1900
    unsafe parts.tm_mon = month - 1
    unsafe parts.tm_mday = day
    unsafe parts.tm_hour = hour
    unsafe parts.tm_min = minute
    unsafe parts.tm_sec = second
    return unsafe Int(timegm(&parts))
  }

  /// A point of time as people here read it: `2026-11-29 01:31`.
  package static func text(_ point: Int) -> String {
    var point = time_t(point)
    var parts = unsafe tm()
    guard unsafe localtime_r(&point, &parts) != nil else { return "?" }
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M", &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A length of time as people say it, in its two largest units: `2 d 4 h`.
  package static func lengthText(_ seconds: Int) -> String {
    let units = [("d", 86400), ("h", 3600), ("min", 60), ("s", 1)]
    var rest = max(0, seconds)
    guard let first = units.firstIndex(where: { rest >= $0.1 }) else { return "0 s" }
    return units[first...].prefix(2).compactMap { name, length in
      let count = rest / length
      rest %= length
      return count == 0 ? nil : "\(count) \(name)"
    }.joined(separator: " ")
  }

  /// The time since the machine was started, the time that it slept not counted, as systemd's monotonic timers do.
  static func sinceBoot() -> Int {
    var now = timespec()
    guard unsafe clock_gettime(CLOCK_MONOTONIC, &now) == 0 else { return 0 }
    return Int(now.tv_sec)
  }
}
