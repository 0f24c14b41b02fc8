package import Plan
internal import SystemFiles
package import SystemPackage

extension PlannedJob {
  /// The job that `DIRECTORY/NAME.json` describes.
  ///
  /// - Throws: `JobError` with the code `job` if there is none, or none that makes sense.
  package static func named(
    _ name: String, in directory: FilePath
  ) throws(JobError) -> PlannedJob {
    let bytes: [UInt8]
    do {
      bytes = try readFile(directory.appending("\(name).json"), limit: Plan.largest)
    } catch {
      if error.code == .notFound {
        throw JobError(
          .job, "there is no job \(name) on this machine",
          hint: "the configuration that was applied last names the jobs; see `adage status`")
      }
      throw JobError(.job, "read job \(name): \(error)")
    }
    do {
      return try PlannedJob(json: bytes)
    } catch {
      throw JobError(.job, "read job \(name): \(error)")
    }
  }
}
