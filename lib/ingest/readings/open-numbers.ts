/**
 * Fields of a whole file whose numbers would mean something else if points separated thousands: `7.500` is 7.5 or 7500.
 * A load without options reads points as those of decimals, and rejects what no such number can be.
 */

/** The number of thousands, or one with three decimals. */
const AMBIGUOUS = /^[+-]?[1-9][0-9]{0,2}[.][0-9]{3}(?:[eE][+-]?[0-9]+)?$/
/** Such a text in JSON. */
export const AMBIGUOUS_IN_QUOTES = /"[+-]?[1-9][0-9]{0,2}[.][0-9]{3}(?:[eE][+-]?[0-9]+)?"/
/** A number whose point is that of decimals, unless it is ambiguous. */
const DECIMAL = /^[+-]?(?:[0-9]+[.][0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?$/

/** Collects the texts of a few fields, until each of them has a number that can be read in one way only. */
export class OpenNumbers {
  /** The fields that are not settled, and whether they have an ambiguous number. */
  readonly #open: Map<string, boolean>

  constructor(names: readonly string[]) {
    this.#open = new Map(names.map((name) => [name, false]))
  }

  /** Whether the rest of the file does not matter. */
  get isSettled(): boolean {
    return this.#open.size === 0
  }

  /** The fields with a number of two meanings, and none of one that settles it. */
  get ambiguous(): readonly string[] {
    return [...this.#open].flatMap(([name, isAmbiguous]) => (isAmbiguous ? [name] : []))
  }

  add(name: string, text: string): void {
    if (!text.includes('.') || !this.#open.has(name)) return
    if (AMBIGUOUS.test(text)) this.#open.set(name, true)
    else if (DECIMAL.test(text)) this.#open.delete(name)
  }

  /** A field whose numbers are not written as texts has nothing to ask. */
  settle(name: string): void {
    this.#open.delete(name)
  }
}
