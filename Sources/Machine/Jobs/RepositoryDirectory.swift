package import Plan
package import SystemFiles
internal import SystemPackage

extension PlannedJob {
  /// Makes the directory of a repository that is to be made on this machine, as root, for the job's user (mode 0700):
  /// the job's sandbox lets it write there, and nowhere else that would have to be made.
  package func makeRepositoryDirectory() throws(SystemFilesError) {
    guard isHardened, initialize, !isDynamic, let repository = localRepository,
      let name = FilePath(repository).lexicallyNormalized().lastComponent,
      let user = try Accounts.user(named: user)
    else { return }
    let path = FilePath(repository).lexicallyNormalized()
    let owned = FileAttributes(mode: 0o700, owner: user.id, group: user.groupID)
    let parent = try DirectoryDescriptor(opening: "/").reach(
      path.removingLastComponent(),
      making: MissingDirectories(trusted: FileAttributes(mode: 0o755), foreign: owned))
    if try parent.status(of: name) == nil { _ = try parent.makeDirectory(name, owned) }
  }
}
