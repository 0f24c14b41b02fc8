import Deployment
import Plan
import Testing

@Suite struct StepsTests {
  private func steps(
    _ differences: [String: UnitDifference], _ units: [PlannedUnit], active: Set<String>,
    failed: Set<String> = []
  ) -> Steps {
    let known = Dictionary(uniqueKeysWithValues: units.map { ($0.name, $0) })
    let names = Steps.units(deciding: differences, known)
    let states = Set(names).union(active).union(failed).map { name in
      (
        name,
        UnitState(
          active: active.contains(name) ? "active" : failed.contains(name) ? "failed" : "inactive")
      )
    }
    return Steps(for: differences, known, Dictionary(uniqueKeysWithValues: states))
  }

  @Test func aNewUnitStartsIfWhatWantsItIsActive() {
    let unit = service("a", "/bin/true", wantedBy: ["multi-user.target"])
    let added = ["a.service": UnitDifference(.added, newWishes: ["multi-user.target"])]
    #expect(steps(added, [unit], active: ["multi-user.target"]).start == ["a.service"])
    #expect(steps(added, [unit], active: []) == Steps())
    var masked = unit
    masked.isEnabled = false
    #expect(steps(added, [masked], active: ["multi-user.target"]) == Steps())
  }

  @Test func whatSomebodyStoppedStaysSo() {
    let unit = service("a", "/bin/true", wantedBy: ["multi-user.target"])
    let changed = ["a.service": UnitDifference(.changed)]
    #expect(steps(changed, [unit], active: ["multi-user.target"]) == Steps())
    #expect(
      steps(changed, [unit], active: ["multi-user.target"], failed: ["a.service"]).start
        == ["a.service"])
  }

  @Test func aUnitThatIsOnlyWantedByOthersNowGoesOn() {
    let unit = service("a", "/bin/true", wantedBy: ["multi-user.target"])
    let changed = [
      "a.service": UnitDifference(
        .changed, isRedefined: false, newWishes: ["multi-user.target"])
    ]
    #expect(steps(changed, [unit], active: ["multi-user.target", "a.service"]) == Steps())
    #expect(steps(changed, [unit], active: ["multi-user.target"]).start == ["a.service"])
  }

  @Test func aMaskedUnitIsStopped() {
    var unit = service("a", "/bin/true")
    unit.isEnabled = false
    let changed = ["a.service": UnitDifference(.changed)]
    #expect(steps(changed, [unit], active: ["a.service"]).stop == ["a.service"])
  }

  @Test func instancesAreTreatedAsTheirTemplate() {
    let unit = service("a@", "/bin/true", .restart)
    let changed = ["a@.service": UnitDifference(.changed)]
    #expect(Steps.units(deciding: changed, ["a@.service": unit]) == ["a@*.service"])
    let steps = Steps(
      for: changed, ["a@.service": unit],
      ["a@x.service": UnitState(active: "active"), "a@y.service": UnitState(active: "inactive")])
    #expect(steps.restart == ["a@x.service"])
  }

  @Test func aFailureOfWhatIsGoneIsForgotten() {
    let removed = ["a.service": UnitDifference(.removed)]
    let steps = steps(removed, [], active: [], failed: ["a.service"])
    #expect(steps.forget == ["a.service"] && steps.stop.isEmpty)
  }
}
