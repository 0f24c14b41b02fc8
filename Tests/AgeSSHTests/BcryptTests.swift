import Foundation
import SecretMemory
import Testing

@testable import AgeSSH

/// What the `bcrypt` of PyPI's `bcrypt` 4 derives (`bcrypt.kdf`).
@Suite struct BcryptTests {
  @Test(
    arguments: [
      (
        Array("password".utf8), Array("salt".utf8), 4,
        "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9"
      ),
      (
        Array("password".utf8), Array("salt".utf8), 4,
        """
        5ba4bfc60c7ac272931458407f4c1c4936ea356c55125c5a279b791d65bf9842\
        d49d7e1b572a9052715ebfa9421e7e94
        """
      ),
      (
        Array("p".utf8), Array(0..<16), 1,
        """
        ca84b989462e9b1520e28dbc0d71f66d165e371e3c1f730b2ab0838f9f79f1e2\
        88f8276c5e2c95acc6bdea8e334090f259cd79cc16449cc8abb50963567f9504
        """
      ),
      (
        Array("pässwörd \u{1f511}".utf8), [UInt8](repeating: 0, count: 16), 1,
        """
        bacc90950822e5689f0ce20efb4f8c98216f4498806a235a05ebcc7d510bea97\
        d036be352eeb3ef66741f3eeda3fd984
        """
      ),
      (
        [UInt8](repeating: 0x61, count: 200), [UInt8](repeating: 0xff, count: 17), 3,
        """
        e3ad3d93f53722db9f14043754b8392ffa03fc09740bf07b90adfd2d3ec1070c\
        1b13c94d5d82e3ef26e5451deacd7d34fd949c373177223ce781241ae65077b6\
        ce45347a422550a983ef68598086f2a4c1bff882ae9dfd93985047b220b431af27d0b57d
        """
      ),
    ] as [([UInt8], [UInt8], Int, String)])
  func knownAnswers(
    _ password: [UInt8], _ salt: [UInt8], _ rounds: Int, _ expected: String
  ) throws {
    let derived = try BcryptPBKDF.derive(
      SecretBytes(copying: password), salt: salt, rounds: rounds, count: expected.count / 2)
    let text = derived.withSpan { span in
      span.indices.map { String(format: "%02x", Int(span[$0])) }.joined()
    }
    #expect(text == expected)
  }
}
