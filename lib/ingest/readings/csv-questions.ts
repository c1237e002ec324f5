import { toleratedMisfits } from './tolerated-misfits'
import { type CsvQuestion, READING_KINDS, type ReadingKind } from './csv-question'
import { VALUE_READINGS, type ValueReading } from './value-readings'

/**
 * Whether the values of a CSV file mean different things in different formats: `3.472` is 3472 where decimals follow a
 * comma, and `03/04/2026` is in March or in April. Only the user of the file knows, so a guess never decides it.
 */

/** Whether it matters how the values of a column are read. */
export type IsAsked = (kind: ReadingKind, column: string) => boolean

/**
 * The numbers that a column of a table takes from a field of the file: such a column takes each value by itself, whatever
 * the others are. Null for a field of no such column, and for all fields of a table that is not declared yet.
 */
export type NumbersOf = (column: string) => 'whole' | 'fractions' | null

/** Longer texts are none of the kinds. */
const MAX_TEXT_CHARS = 60
/** A column with more texts between which readings distinguish has none of the kinds. */
const MAX_TEXTS = 20_000
/** More than the readings of a kind can give to one text. */
const MAX_MEANINGS = 1_000
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
   * @param options.numbersOf what an existing table takes from the file
   * @param options.onlyContradicted whether a question needs a column that a load without options does not explain
   */
  findQuestions(
    isAsked: IsAsked = () => true,
    {
      numbersOf = () => null,
      onlyContradicted = false,
    }: { numbersOf?: NumbersOf | undefined; onlyContradicted?: boolean } = {},
  ): CsvQuestion[] {
    return READING_KINDS.flatMap((kind) => {
      const columns = this.#columns.get(kind) ?? []
      return findQuestion(columns, { kind, isAsked, numbersOf, onlyContradicted }) ?? []
    })
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

  /** The readings that take some value, and each one that is loaded without options: other values are rejected. */
  findUncontradicted(readings: readonly ValueReading[], usual: ValueReading): Set<ValueReading> {
    const texts = [...this.texts.values()].map(({ text }) => text)
    const loaded = texts.filter((text) => usual.read(text) !== null)
    return new Set(
      readings.filter(({ read }) => {
        const takes = (text: string) => read(text) !== null
        return loaded.every(takes) && texts.some(takes)
      }),
    )
  }

  /** The readings that take all values but as many as a guess tolerates. */
  findTolerant(readings: readonly ValueReading[]): Set<ValueReading> {
    const tolerated = toleratedMisfits(this.valueCount)
    return new Set(readings.filter((reading) => this.#countMisfits(reading, tolerated) <= tolerated))
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

type Question = { kind: ReadingKind; isAsked: IsAsked; numbersOf: NumbersOf; onlyContradicted: boolean }

function findQuestion(
  columns: readonly ColumnTexts[],
  { kind, isAsked, numbersOf, onlyContradicted }: Question,
): CsvQuestion | null {
  const { readings } = VALUE_READINGS[kind]
  const all = columns.map((column) => judge(column, kind, numbersOf))
  const judged = all.filter(({ fitting }) => fitting.size > 0)
  const columnCount = (reading: ValueReading) => judged.filter(({ fitting }) => fitting.has(reading)).length
  const best = Math.max(...readings.map(columnCount))
  const [usual] = readings
  const relevant = judged.filter(({ column }) => isAsked(kind, column.name))
  // However many columns the usual format explains, a value that it does not is a doubt about numbers that it may misread.
  const rivals = kind === 'numbers' ? readings.filter((reading) => isRival(all, relevant, reading)) : []
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

type Judged = {
  column: ColumnTexts
  /** The readings that explain the column. */
  fitting: ReadonlySet<ValueReading>
  /** Those in which it has values, also where a load rejects the rows of others. */
  valued: ReadonlySet<ValueReading>
  /** Whether each text is to be a number, so that a single one shows how numbers are written. */
  isOfNumbers: boolean
}

function judge(column: ColumnTexts, kind: ReadingKind, numbersOf: NumbersOf): Judged {
  const { readings } = VALUE_READINGS[kind]
  const [usual] = readings
  const numbers = kind === 'numbers' ? numbersOf(column.name) : null
  const takesEach = numbers === 'fractions'
  const fitting = takesEach ? column.findUncontradicted(readings, usual) : column.findFitting(readings)
  const valued = takesEach ? new Set([usual, ...fitting]) : column.findTolerant(readings)
  return { column, fitting, valued, isOfNumbers: numbers !== null }
}

/** Whether a value shows that the file may be written in a reading, and one that a load takes has another meaning in it. */
function isRival(all: readonly Judged[], relevant: readonly Judged[], reading: ValueReading): boolean {
  const [usual] = VALUE_READINGS.numbers.readings
  if (!all.some((one) => speaksFor(one, reading))) return false
  return relevant.some(
    ({ column, fitting }) =>
      fitting.has(reading) &&
      [...column.texts.values()].some(({ text }) => {
        const [a, b] = [usual.read(text), reading.read(text)]
        return a !== null && b !== null && a !== b
      }),
  )
}

/**
 * Whether a column has a number that a reading takes, and that of a load without options does not. In a column that the
 * reading does not explain, it is one that no points before decimals explain: `1.234,56`, but not `1,234`.
 */
function speaksFor({ column, fitting, isOfNumbers }: Judged, reading: ValueReading): boolean {
  const { readings } = VALUE_READINGS.numbers
  const [usual] = readings
  if (!fitting.has(reading) && !isOfNumbers) return false
  return [...column.texts.values()].some(
    ({ text }) =>
      reading.read(text) !== null &&
      usual.read(text) === null &&
      (fitting.has(reading) || readings.every((other) => !hasPoint(other) || other.read(text) === null)),
  )
}

function hasPoint({ options }: ValueReading): boolean {
  return options.decimalSeparator === '.'
}

function valueIn({ valued }: Judged, reading: ValueReading, text: string): string | null {
  return valued.has(reading) ? reading.read(text) : null
}

/** Whether two readings give every value of every column the same meaning. */
function agree(judged: readonly Judged[], a: ValueReading, b: ValueReading): boolean {
  return judged.every((one) =>
    [...one.column.texts.values()].every(({ text }) => valueIn(one, a, text) === valueIn(one, b, text)),
  )
}

/** Whether a load without options takes a value that is another one in another reading. */
function isMisread([usual, ...others]: CsvQuestion['readings']): boolean {
  return (
    usual !== undefined && usual.value !== null && others.some(({ value }) => value !== null && value !== usual.value)
  )
}

/** With the value that shows best how the readings differ. */
function toQuestion(kind: ReadingKind, judged: readonly Judged[], groups: readonly ValueReading[]): CsvQuestion {
  let best: { question: CsvQuestion; meaningCount: number } | null = null
  for (const one of judged)
    for (const { text, line } of one.column.texts.values()) {
      const readings = groups.map((reading) => ({ options: reading.options, value: valueIn(one, reading, text) }))
      const meanings = new Set(readings.map(({ value }) => value))
      // Two values differ more than a value and a text, and one that a load may misread shows most.
      const meaningCount = 2 * meanings.size - (meanings.has(null) ? 1 : 0) + (isMisread(readings) ? MAX_MEANINGS : 0)
      if (best === null || meaningCount > best.meaningCount)
        best = { question: { kind, column: one.column.name, text, line, readings }, meaningCount }
    }
  if (best === null) throw new Error('readings that differ have a value that shows it')
  return best.question
}
