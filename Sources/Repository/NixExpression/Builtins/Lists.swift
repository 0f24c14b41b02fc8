/// Lists.
extension Builtins {
  static func registerLists(in registry: inout Globals.Registry) {
    registry.add(
      "map", "function list", "The function's result for each element.", .two(map))
    registry.add(
      "filter", "function list", "The elements for which the function is true.", .two(filter))
    registry.add(
      "concatMap", "function list", "The lists that the function makes of the elements, as one.",
      .two(concatMap))
    registry.add(
      "concatLists", "lists", "A list of lists as one list.", .one(concatLists))
    registry.add(
      "genList", "function length",
      "The function's results for the numbers from 0 to below the length.", .two(genList))
    registry.add(
      "sort", "comparison list",
      "The list in order; `comparison left right` says whether left comes first. Stable.",
      .two(sort))
    registry.add(
      "elemAt", "list index", "The element at an index, counted from 0.", .two(elemAt))
    registry.add(
      "partition", "function list",
      "`{ right, wrong }`: the elements for which the function is true, and the others.",
      .two(partition))
    registry.add(
      "groupBy", "function list",
      "A set of lists: the elements by the name that the function gives each.", .two(groupBy))
    registry.add(
      "length", "list", "How many elements a list has.",
      .one { evaluator, list, position throws(NixError) in
        .int(Int64(try evaluator.listValue(list, at: position).count))
      })
    registry.add(
      "head", "list", "The first element.",
      .one { evaluator, list, position throws(NixError) in
        let list = try evaluator.listValue(list, at: position)
        return try evaluator.element(0, of: list, at: position)
      })
    registry.add(
      "tail", "list", "The list without its first element.",
      .one { evaluator, list, position throws(NixError) in
        let list = try evaluator.listValue(list, at: position)
        guard list.count > 0 else {
          throw evaluator.error(.argument, "'tail' called on an empty list", at: position)
        }
        return .list(evaluator.heap.list(list.elements.tail))
      })
  }

  private static func map(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let list = try evaluator.listValue(list, at: position)
    try evaluator.check(suspensions: list.count)
    var result = ContiguousArray<Value>()
    result.reserveCapacity(list.count)
    for element in list.elements {
      result.append(evaluator.suspend(function, element, at: position))
    }
    return try evaluator.list(result)
  }

  private static func filter(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let function = try evaluator.functionValue(function, at: position)
    let list = try evaluator.listValue(list, at: position)
    var result = ContiguousArray<Value>()
    for element in list.elements {
      let keeps = try evaluator.call(function, element, at: position)
      if try evaluator.booleanValue(keeps, at: position) { result.append(element) }
    }
    return try evaluator.list(result)
  }

  private static func concatMap(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let function = try evaluator.functionValue(function, at: position)
    let list = try evaluator.listValue(list, at: position)
    var result = ContiguousArray<Value>()
    for element in list.elements {
      let part = try evaluator.call(function, element, at: position)
      try evaluator.listValue(part, at: function.position ?? position).append(to: &result)
      try evaluator.check(listOf: result.count)
    }
    return try evaluator.list(result)
  }

  private static func concatLists(
    _ evaluator: Evaluator, _ lists: Value, _ position: Position
  ) throws(NixError) -> Value {
    var result = ContiguousArray<Value>()
    let lists = try evaluator.listValue(lists, at: position).elements
    try evaluator.spend(elements: lists.count, at: position)
    for list in lists {
      try evaluator.listValue(list, at: position).append(to: &result)
      try evaluator.check(listOf: result.count)
    }
    return try evaluator.list(result)
  }

  private static func genList(
    _ evaluator: Evaluator, _ function: Value, _ count: Value, _ position: Position
  ) throws(NixError) -> Value {
    let count = try evaluator.integerValue(count, at: position)
    guard count >= 0 else {
      throw evaluator.error(.argument, "cannot create list of size \(count)", at: position)
    }
    guard let length = Int(exactly: count) else { return .null }
    try evaluator.check(listOf: length)
    try evaluator.check(suspensions: length)
    var result = ContiguousArray<Value>()
    result.reserveCapacity(length)
    for index in 0..<count {
      result.append(evaluator.suspend(function, .int(index), at: position))
    }
    return try evaluator.list(result)
  }

  private static func elemAt(
    _ evaluator: Evaluator, _ list: Value, _ index: Value, _ position: Position
  ) throws(NixError) -> Value {
    let list = try evaluator.listValue(list, at: position)
    let index = try evaluator.integerValue(index, at: position)
    return try evaluator.element(index, of: list, at: position)
  }

  private static func partition(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let function = try evaluator.functionValue(function, at: position)
    let list = try evaluator.listValue(list, at: position)
    var (right, wrong) = (ContiguousArray<Value>(), ContiguousArray<Value>())
    for element in list.elements {
      let holds = try evaluator.call(function, element, at: position)
      if try evaluator.booleanValue(holds, at: position) {
        right.append(element)
      } else {
        wrong.append(element)
      }
    }
    var builder = AttributeBuilder()
    builder.add(evaluator.symbols.known.right, try evaluator.list(right))
    builder.add(evaluator.symbols.known.wrong, try evaluator.list(wrong))
    return .attributes(evaluator.set(builder))
  }

  private static func groupBy(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let function = try evaluator.functionValue(function, at: position)
    let list = try evaluator.listValue(list, at: position)
    var groups: [Symbol: ContiguousArray<Value>] = [:]
    for element in list.elements {
      let name = try evaluator.call(function, element, at: position)
      let symbol = evaluator.symbols.intern(try evaluator.textValue(name, at: position))
      groups[symbol, default: []].append(element)
    }
    var builder = AttributeBuilder(capacity: groups.count)
    for (symbol, elements) in groups { builder.add(symbol, try evaluator.list(elements)) }
    return .attributes(evaluator.set(builder))
  }

  /// Stable, whatever the comparison does.
  private static func sort(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let function = try evaluator.functionValue(function, at: position)
    let list = try evaluator.listValue(list, at: position)
    var elements = ContiguousArray<Value>()
    for element in list.elements {
      elements.append(try evaluator.force(element, at: position))
    }
    // The comparisons that no call counts.
    try evaluator.spend(
      elements: elements.count * (Int.bitWidth - elements.count.leadingZeroBitCount), at: position)
    try sort(&elements) { left, right throws(NixError) in
      if case .primitive(let primitive) = function, primitive.name == "lessThan" {
        return try evaluator.less(left, right, at: position)
      }
      let precedes = try evaluator.call(function, left, right, at: position)
      return try evaluator.booleanValue(precedes, at: position)
    }
    return try evaluator.list(elements)
  }

  /// Merges runs of doubling length.
  private static func sort(
    _ elements: inout ContiguousArray<Value>,
    by precedes: (Value, Value) throws(NixError) -> Bool
  ) throws(NixError) {
    var width = 1
    while width < elements.count {
      var merged = ContiguousArray<Value>()
      merged.reserveCapacity(elements.count)
      for start in stride(from: 0, to: elements.count, by: width * 2) {
        let middle = min(start + width, elements.count)
        let end = min(middle + width, elements.count)
        var (left, right) = (start, middle)
        while left < middle || right < end {
          let takesRight: Bool
          if left < middle && right < end {
            takesRight = try precedes(elements[right], elements[left])
          } else {
            takesRight = left == middle
          }
          merged.append(elements[takesRight ? right : left])
          if takesRight { right += 1 } else { left += 1 }
        }
      }
      elements = merged
      width *= 2
    }
  }
}

extension Evaluator {
  fileprivate func element(
    _ index: Int64, of list: List, at position: Position
  ) throws(NixError) -> Value {
    guard index >= 0, index < list.count else {
      throw error(.argument, "list index \(index) is out of bounds", at: position)
    }
    return list[Int(index)]
  }
}
