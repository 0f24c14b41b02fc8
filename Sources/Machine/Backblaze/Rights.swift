/// What an application key of Backblaze B2 may do, by the names that Backblaze gives it ("capabilities").
package enum Rights {
  /// Without one of these, restic fails.
  package static let needed = [
    "listBuckets", "listFiles", "readFiles", "writeFiles", "deleteFiles",
  ]

  /// What a key for a backup has beside those: other programs that open the same bucket (rclone, `b2`) use them.
  package static let useful = [
    "listAllBucketNames", "shareFiles", "readBucketEncryption", "writeBucketEncryption",
    "readBucketReplications", "writeBucketReplications",
  ]

  /// What a new key gets.
  package static let all = [
    "listBuckets", "listAllBucketNames", "listFiles", "readFiles", "writeFiles", "deleteFiles",
    "shareFiles", "readBucketEncryption", "writeBucketEncryption", "readBucketReplications",
    "writeBucketReplications",
  ]

  /// Those that are missing from what a key has, in our order.
  package static func missing(from rights: some Collection<String>) -> Missing {
    Missing(
      needed: needed.filter { !rights.contains($0) }, useful: useful.filter { !rights.contains($0) }
    )
  }

  package struct Missing: Sendable, Equatable {
    /// restic fails without them.
    package let needed: [String]
    /// restic does without them.
    package let useful: [String]
  }
}
