import Editing
import Manifest

extension AgenixCommand {
  /// `-r`: encrypts every secret of the manifest anew, all or none.
  func rekey() async throws {
    let ((rules, directory), keys) = try await withManifest { manifest throws(ManifestError) in
      (try manifest.rules(), manifest.directory)
    }
    let rekeying = try Rekeying(
      rules, in: directory, keys: try use(keys), recipients: RecipientCache(process.keyring))
    let report = try rekeying.run { console.say("waiting for another run to end") }
    if report.leftovers > 0 {
      console.warn("an earlier run was interrupted; \(report.leftovers) of its files were removed")
    }
    for name in report.missing { console.warn("\(name) does not exist yet") }
    for name in report.rekeyed { console.detail("rekeyed \(name)") }
    let count = report.rekeyed.count
    console.say("rekeyed \(count) secret\(count == 1 ? "" : "s")")
    console.warnIfUnlocked()
  }
}
