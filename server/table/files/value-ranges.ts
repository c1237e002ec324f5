import 'server-only'

/** The narrowest ranges: 64 for a doubling, each about one percent wide. */
const MAX_STEPS = 64

/** With fewer ranges, narrower ones are tried. */
const MIN_RANGES = 5

type ValueRange = {
  from: number
  /** The first value after the range. */
  to: number
  /** The number of values, and their sum. */
  count: number
  sum: number
}

/**
 * Counts whole numbers in ranges, without storing the numbers. Ranges double, with `base` between two of them; values
 * close to each other are counted in narrower ranges.
 */
export class ValueRanges {
  readonly #base: number
  /** By the step of the narrowest ranges, relative to the base. */
  readonly #byStep = new Map<number, { count: number; sum: number }>()
  least: number | null = null
  most: number | null = null

  constructor(base: number) {
    this.#base = base
  }

  /** Counts a zero with the ones. */
  add(value: number): void {
    const step = Math.floor(Math.log2(Math.max(1, value) / this.#base) * MAX_STEPS)
    const { count, sum } = this.#byStep.get(step) ?? { count: 0, sum: 0 }
    this.#byStep.set(step, { count: count + 1, sum: sum + value })
    this.least = Math.min(this.least ?? value, value)
    this.most = Math.max(this.most ?? value, value)
  }

  /** The ranges from the first to the last with a value, those between them too. */
  toList(): ValueRange[] {
    let ranges: ValueRange[] = []
    for (let stepsPerDoubling = 1; stepsPerDoubling <= MAX_STEPS && ranges.length < MIN_RANGES; stepsPerDoubling *= 2) {
      ranges = this.#toRanges(stepsPerDoubling)
    }
    return ranges
  }

  #toRanges(stepsPerDoubling: number): ValueRange[] {
    const width = MAX_STEPS / stepsPerDoubling
    const counts = new Map<number, { count: number; sum: number }>()
    for (const [step, { count, sum }] of this.#byStep) {
      const index = Math.floor(step / width)
      const range = counts.get(index) ?? { count: 0, sum: 0 }
      counts.set(index, { count: range.count + count, sum: range.sum + sum })
    }
    if (counts.size === 0) return []
    const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())]
    return Array.from({ length: last - first + 1 }, (_, offset) => {
      const index = first + offset
      const limit = (of: number) => this.#firstValue(of / stepsPerDoubling)
      return { from: limit(index), to: limit(index + 1), ...(counts.get(index) ?? { count: 0, sum: 0 }) }
    }).filter(({ from, to }) => from < to)
  }

  /** The smallest whole number that is not below the limit. No range of small numbers is between two of them. */
  #firstValue(doublings: number): number {
    return Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(this.#base * 2 ** doublings))
  }
}
