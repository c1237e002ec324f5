import { toleratedMisfits } from './tolerated-misfits'
import { type CsvQuestion, READING_KINDS, type ReadingKind } from './csv-question'
import { VALUE_READINGS, type ValueReading } from './value-readings'

/**
 * Whether the values of a CSV file mean different things in different formats: `3.472` is 3472 where decimals follow a
 * comma, and `03/04/2026` is in March or in April. Only the user of the file knows, so a guess never decides it.
 */

/** Whether it matters how the values of a column are read. */
export type IsAsked = (kind: ReadingKind, column: string) => boolean

/** Longer texts are none of the kinds. */
const MAX_TEXT_CHARS = 60
/** A column with more texts between which readings distinguish has none of the kinds. */
const MAX_TEXTS = 20_000
/** The key of all texts that no reading fits. */
const OTHER = ''

/** Collects the values of a file column by column. */
export class ReadingSample {
  readonly #names: readonly string[]
  readonly #columns: ReadonlyMap<ReadingKind, readonly ColumnTexts[]>

  constructor(names: readonly string[], kinds: readonly ReadingKind[] = READING_KINDS) {
    this.#names = names
    this.#columns = new Map(kinds.map((kind) => [kind, names.map((name) => new ColumnTexts(name, kind))]))
  }

  /** The fields of a row, in the order of the columns. */
  add(fields: readonly (string | null)[], line: number): void {
    for (const columns of this.#columns.values())
      for (const i of this.#names.keys()) {
        const text = fields[i] ?? null
        if (text !== null) columns[i]?.add(text, line)
      }
  }

  /**
   * One question at most for each kind. Columns that are not asked about still show how the file is written.
   *
   * @param options.onlyContradicted whether a question needs a column that a load without options does not explain
   */
  findQuestions(isAsked: IsAsked = () => true, { onlyContradicted = false } = {}): CsvQuestion[] {
    return READING_KINDS.flatMap(
      (kind) => findQuestion(this.#columns.get(kind) ?? [], { kind, isAsked, onlyContradicted }) ?? [],
    )
  }
}

type Text = { text: string; line: number; count: number }

/** The texts of a column. Those between which no reading distinguishes are counted together. */
class ColumnTexts {
  readonly name: string
  readonly #kind: ReadingKind
  readonly texts = new Map<string, Text>()
  valueCount = 0

  constructor(name: string, kind: ReadingKind) {
    this.name = name
    this.#kind = kind
  }

  add(text: string, line: number): void {
    this.valueCount += 1
    const key = this.texts.size < MAX_TEXTS ? this.#keyOf(text) : OTHER
    const known = this.texts.get(key)
    if (known) known.count += 1
    else this.texts.set(key, { text, line, count: 1 })
  }

  /**
   * The readings that take every value of the column, or, if there are none, those that take all but as many values as a
   * guess tolerates.
   */
  findFitting(readings: readonly ValueReading[]): Set<ValueReading> {
    if (this.valueCount === 0) return new Set()
    const tolerated = toleratedMisfits(this.valueCount)
    const misfits = new Map(readings.map((reading) => [reading, this.#countMisfits(reading, tolerated)]))
    const fewest = [...misfits.values()].includes(0) ? 0 : tolerated
    return new Set(readings.filter((reading) => (misfits.get(reading) ?? 0) <= fewest))
  }

  /** More than `max` are not counted. */
  #countMisfits({ read }: ValueReading, max: number): number {
    let misfitCount = 0
    for (const [key, { text, count }] of this.texts) {
      if (key === OTHER || read(text) === null) misfitCount += count
      if (misfitCount > max) break
    }
    return misfitCount
  }

  #keyOf(text: string): string {
    if (text.length > MAX_TEXT_CHARS || !VALUE_READINGS[this.#kind].mightBe.test(text)) return OTHER
    return this.#kind === 'numbers' ? numberShape(text) : text
  }
}

/** Formats of numbers see only separators, the lengths of groups, and a leading zero. */
function numberShape(text: string): string {
  return text.replaceAll(
    /[0-9]+/g,
    (digits) => `${digits.startsWith('0') ? '0' : '1'}${'1'.repeat(Math.min(digits.length, 5) - 1)}`,
  )
}

function findQuestion(
  columns: readonly ColumnTexts[],
  { kind, isAsked, onlyContradicted }: { kind: ReadingKind; isAsked: IsAsked; onlyContradicted: boolean },
): CsvQuestion | null {
  const { readings } = VALUE_READINGS[kind]
  const judged = columns
    .map((column) => ({ column, fitting: column.findFitting(readings) }))
    .filter(({ fitting }) => fitting.size > 0)
  const columnCount = (reading: ValueReading) => judged.filter(({ fitting }) => fitting.has(reading)).length
  const best = Math.max(...readings.map(columnCount))
  const [usual] = readings
  const relevant = judged.filter(({ column }) => isAsked(kind, column.name))
  // However many columns the usual format explains, one that it does not is a doubt about numbers that it may misread.
  const rivals = kind === 'numbers' ? readings.filter((reading) => isRival(judged, relevant, { usual, reading })) : []
  if (onlyContradicted && rivals.length === 0) return null
  const bestRival = Math.max(...rivals.map(columnCount))
  // The formats that explain most columns, and the one that a load would take without being told.
  const groups: ValueReading[] = []
  for (const reading of readings) {
    const isPossible =
      reading === usual ||
      columnCount(reading) === best ||
      (rivals.includes(reading) && columnCount(reading) === bestRival)
    if (isPossible && !groups.some((other) => agree(relevant, reading, other))) groups.push(reading)
  }
  return groups.length < 2 ? null : toQuestion(kind, relevant, groups)
}

/** Whether a reading explains a column that the usual one does not, and gives a value another meaning. */
function isRival(
  judged: readonly Judged[],
  relevant: readonly Judged[],
  { usual, reading }: { usual: ValueReading; reading: ValueReading },
): boolean {
  if (!judged.some(({ fitting }) => fitting.has(reading) && !fitting.has(usual))) return false
  return relevant.some((one) =>
    [...one.column.texts.values()].some(({ text }) => {
      const [a, b] = [valueIn(one, usual, text), valueIn(one, reading, text)]
      return a !== null && b !== null && a !== b
    }),
  )
}

type Judged = { column: ColumnTexts; fitting: ReadonlySet<ValueReading> }

function valueIn({ fitting }: Judged, reading: ValueReading, text: string): string | null {
  return fitting.has(reading) ? reading.read(text) : null
}

/** Whether two readings give every value of every column the same meaning. */
function agree(judged: readonly Judged[], a: ValueReading, b: ValueReading): boolean {
  return judged.every((one) =>
    [...one.column.texts.values()].every(({ text }) => valueIn(one, a, text) === valueIn(one, b, text)),
  )
}

/** With the value that shows best how the readings differ. */
function toQuestion(kind: ReadingKind, judged: readonly Judged[], groups: readonly ValueReading[]): CsvQuestion {
  let best: { question: CsvQuestion; meaningCount: number } | null = null
  for (const one of judged)
    for (const { text, line } of one.column.texts.values()) {
      const readings = groups.map((reading) => ({ options: reading.options, value: valueIn(one, reading, text) }))
      const meanings = new Set(readings.map(({ value }) => value))
      // Two values differ more than a value and a text.
      const meaningCount = 2 * meanings.size - (meanings.has(null) ? 1 : 0)
      if (best === null || meaningCount > best.meaningCount)
        best = { question: { kind, column: one.column.name, text, line, readings }, meaningCount }
    }
  if (best === null) throw new Error('readings that differ have a value that shows it')
  return best.question
}
