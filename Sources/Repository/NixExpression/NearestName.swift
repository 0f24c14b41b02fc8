/// The known name that takes the fewest changes to get to; nil if that is more than half of it.
package func nearestName(to name: String, among known: [String]) -> String? {
  // Nobody mistypes a name of hundreds of bytes.
  let candidates = known.filter { $0.utf8.count <= 256 && name.utf8.count <= 256 }
  let distances = candidates.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }
  guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 * 2 <= best.0.utf8.count
  else { return nil }
  return best.0
}

/// How many bytes must be inserted, removed or replaced to make one text the other.
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (i, byte) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let replaced = diagonal + (byte == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
    }
  }
  return row[right.count]
}
