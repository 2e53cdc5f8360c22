import type { BaseNode, Dependants, DerivedNode, RuleNode } from './definition.ts'

/** Items to look at, kept in one array that only grows: emptying an array would have it made anew for every event. */
export class Marks<Item> {
  count = 0
  private readonly items: Item[] = []

  clear(): void {
    this.count = 0
  }

  add(item: Item): void {
    this.items[this.count] = item
    this.count += 1
  }

  addAll(items: readonly Item[]): void {
    for (const item of items) this.add(item)
  }

  at(index: number): Item {
    return this.items[index] as Item
  }
}

/**
 * What has to be looked at in one moment. Derived nodes stand by level: those of one level are read from lower ones only, so one
 * pass over the levels settles everything. One serves a whole engine, cleared for each moment, since a moment is settled before
 * the next one begins.
 */
export class Attention {
  readonly base: Marks<BaseNode> = new Marks()
  readonly levels: readonly Marks<DerivedNode>[]
  readonly rules: Marks<RuleNode> = new Marks()
  /** Pages of which the next wake is to be found. */
  readonly pages: Marks<number> = new Marks()
  /** The moment in which each was last marked, to mark it once. */
  private moment = 0
  private readonly derivedAt: Float64Array
  private readonly rulesAt: Float64Array
  private readonly pagesAt: Float64Array

  constructor(derived: readonly DerivedNode[], rules: number, pages: number) {
    this.levels = Array.from({ length: Math.max(0, ...derived.map(({ level }) => level + 1)) }, () => new Marks())
    this.derivedAt = new Float64Array(derived.length)
    this.rulesAt = new Float64Array(rules)
    this.pagesAt = new Float64Array(pages)
  }

  clear(): this {
    this.moment += 1
    this.base.clear()
    for (const level of this.levels) level.clear()
    this.rules.clear()
    this.pages.clear()
    return this
  }

  markPage(page: number): void {
    if (this.pagesAt[page] === this.moment) return
    this.pagesAt[page] = this.moment
    this.pages.add(page)
  }

  markDerived(node: DerivedNode): void {
    if (this.derivedAt[node.index] === this.moment) return
    this.derivedAt[node.index] = this.moment
    this.levels[node.level]?.add(node)
  }

  markRule(node: RuleNode): void {
    if (this.rulesAt[node.index] === this.moment) return
    this.rulesAt[node.index] = this.moment
    this.rules.add(node)
  }

  markDependants({ derived, rules }: Dependants): void {
    for (const node of derived) this.markDerived(node)
    for (const node of rules) this.markRule(node)
  }
}
