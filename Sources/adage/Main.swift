import Commands
import Glibc

@main struct Main {
  static func main() async {
    exit(await Adage.run(CommandLine.arguments))
  }
}
