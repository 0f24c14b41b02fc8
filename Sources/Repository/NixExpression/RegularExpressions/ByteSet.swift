import Glibc

/// A set of bytes.
struct ByteSet {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init() {}

  init(_ byte: UInt8) { insert(byte) }

  /// A class of the C locale, by POSIX's name or one of the C++ library's.
  init?(class name: String) {
    let test: (Int32) -> Int32
    switch name {
    case "alnum": test = isalnum
    case "alpha": test = isalpha
    case "blank": test = isblank
    case "cntrl": test = iscntrl
    case "d", "digit": test = isdigit
    case "graph": test = isgraph
    case "lower": test = islower
    case "print": test = isprint
    case "punct": test = ispunct
    case "s", "space": test = isspace
    case "upper": test = isupper
    case "w": test = { $0 == 0x5f ? 1 : isalnum($0) }
    case "xdigit": test = isxdigit
    default: return nil
    }
    for byte in UInt8(0)..<0x80 where test(Int32(byte)) != 0 { insert(byte) }
  }

  /// All but zero.
  static let any = ByteSet(0).inverted

  var inverted: ByteSet {
    var set = ByteSet()
    set.words = (~words.0, ~words.1, ~words.2, ~words.3)
    return set
  }

  mutating func insert(_ byte: UInt8) {
    let bit = UInt64(1) << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: words.0 |= bit
    case 1: words.1 |= bit
    case 2: words.2 |= bit
    default: words.3 |= bit
    }
  }

  mutating func formUnion(_ other: ByteSet) {
    words.0 |= other.words.0
    words.1 |= other.words.1
    words.2 |= other.words.2
    words.3 |= other.words.3
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word =
      switch byte >> 6 {
      case 0: words.0
      case 1: words.1
      case 2: words.2
      default: words.3
      }
    return word >> UInt64(byte & 63) & 1 != 0
  }
}

/// The names that POSIX gives the characters, for `[[.hyphen.]]`.
enum CollatingElements {
  private static let names = """
    NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI DLE DC1 DC2 \
    DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark quotation-mark number-sign dollar-sign \
    percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma hyphen period slash \
    zero one two three four five six seven eight nine colon semicolon less-than-sign equals-sign greater-than-sign \
    question-mark commercial-at A B C D E F G H I J K L M N O P Q R S T U V W X Y Z left-square-bracket backslash \
    right-square-bracket circumflex underscore grave-accent a b c d e f g h i j k l m n o p q r s t u v w x y z \
    left-curly-bracket vertical-line right-curly-bracket tilde DEL
    """

  static func byte(_ name: String) -> UInt8? {
    names.split(separator: " ").firstIndex { $0 == name }.map { UInt8($0) }
  }
}
