import Age
import AgePlugin
internal import Manifest

/// A header that was made before its text was decrypted, with the file key that is in it.
struct PreparedHeader: Sendable {
  let header: Header
  let fileKey: FileKey
}

/// The new headers of the files that a plugin has a part in.
///
/// A plugin's process takes the keys of all files for the same recipients at once, so that it asks for a PIN, or to be
/// touched, once. Other recipients need nobody and are better asked for each file where it is encrypted.
///
/// - Parameter recipients: of each file.
/// - Returns: the headers by the places of their files in `files`.
/// - Throws: `EditingError` with the code `.badRecipient`.
func prepareHeaders(
  for files: [SecretFile], _ recipients: [[any Recipient]]
) throws(EditingError) -> [Int: PreparedHeader] {
  var prepared: [Int: PreparedHeader] = [:]
  let pluginFiles = files.indices.filter { recipients[$0].contains { $0 is PluginRecipients } }
  let groups = Dictionary(grouping: pluginFiles) { Set(files[$0].rule.publicKeys) }
  for group in groups.values.sorted(by: { $0[0] < $1[0] }) {
    do throws(AgeError) {
      var fileKeys: [FileKey] = []
      for _ in group { fileKeys.append(try FileKey()) }
      let headers = try Header.wrapping(fileKeys, recipients: recipients[group[0]])
      for (index, place) in group.enumerated() {
        prepared[place] = PreparedHeader(header: headers[index], fileKey: fileKeys[index])
      }
    } catch {
      let others = group.count > 1 ? " and \(group.count - 1) more" : ""
      throw EditingError(
        .badRecipient, "encrypt \(files[group[0]].rule.name)\(others): \(error)", hint: error.hint)
    }
  }
  return prepared
}
