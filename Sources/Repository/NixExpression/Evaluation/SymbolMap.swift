/// Elements by symbol.
///
/// An array, as symbols are numbered from 0; and the first look-up in a `Dictionary` of bytes costs a
/// short evaluation more than all else that it does.
struct SymbolMap<Element> {
  private var elements: ContiguousArray<Element?> = []

  subscript(symbol: Symbol) -> Element? {
    get { Int(symbol.index) < elements.count ? elements[Int(symbol.index)] : nil }
    set {
      while elements.count <= Int(symbol.index) { elements.append(nil) }
      elements[Int(symbol.index)] = newValue
    }
  }
}
