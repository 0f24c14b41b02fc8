/// What is known of packages that configurations name as nixpkgs does: a program that each has, and what Debian calls
/// the package if it is not the same.
enum Packages {
  private struct Package {
    let program: String
    let debian: String?
  }

  /// The program by which a package's place is found; by default one of the package's name.
  static func mainProgram(of package: String) -> String {
    known[package]?.program ?? package
  }

  /// What to install to have a package's programs.
  static func advice(for package: String) -> String {
    "install it (on Debian, the package \(known[package]?.debian ?? package))"
  }

  private static let known: [String: Package] = {
    var packages: [String: Package] = [:]
    for line in table.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2 else { continue }
      packages[String(words[0])] = Package(
        program: String(words[1]), debian: words.count > 2 ? String(words[2]) : nil)
    }
    return packages
  }()

  /// nixpkgs' name, a program, and Debian's name where it differs.
  private static let table = """
    bash-completion bash
    bashInteractive bash bash
    btrfs-progs btrfs
    coreutils env
    coreutils-full env coreutils
    cryptsetup cryptsetup
    cyrus_sasl saslpasswd2 sasl2-bin
    diffutils diff
    docker docker docker.io
    e2fsprogs mkfs.ext4
    findutils find
    gawk gawk
    gnugrep grep grep
    gnumake make make
    gnupg gpg
    gnused sed sed
    gnutar tar tar
    gzip gzip
    inetutils hostname hostname
    iproute2 ip
    iputils ping iputils-ping
    kmod modprobe
    libnotify notify-send libnotify-bin
    lvm2 lvs
    mailutils mail
    mariadb mariadb mariadb-client
    mysql80 mysql default-mysql-client
    netcat nc netcat-openbsd
    nettools ifconfig net-tools
    nfs-utils mount.nfs nfs-common
    ntfy-sh ntfy ntfy
    openssh ssh openssh-client
    openssl openssl
    perl perl
    postgresql psql postgresql-client
    procps ps
    python3 python3
    sqlite sqlite3 sqlite3
    su su util-linux
    sudo sudo
    sops sops
    systemd systemctl
    util-linux mount
    xz xz xz-utils
    zfs zfs zfsutils-linux
    """
}
