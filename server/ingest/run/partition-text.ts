import 'server-only'
import { AppError } from '@/lib/errors'
import type { PartitionField, PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { canTransform, parseTransform } from '@/lib/iceberg/partitioning/transform'
import { findFieldByName, type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'

/** Iceberg table spec, *Partition Specs*: ids of partition fields begin here. */
const FIRST_PARTITION_ID = 1000
const SUFFIXES: Readonly<Record<string, string>> = { bucket: '_bucket', truncate: '_trunc' }

/**
 * Parses `month(ts), bucket(16, id), truncate(4, name), "city, state"` against a schema. Fields get the same names as in
 * other engines: `ts_month`, `id_bucket`, `name_trunc`, `city, state`. A name in double quotes or backticks may have any
 * characters, its own quote doubled; dots between names lead into structs.
 *
 * @throws {AppError} invalid-request naming the part that is not understood
 */
export function parsePartitionSpec(text: string | null, schema: Schema): PartitionSpec {
  if (text === null || text.trim() === '') return { specId: 0, fields: [] }
  const terms = new TermReader(text).readTerms()
  return { specId: 0, fields: terms.map((term, i) => toPartitionField(term, schema, FIRST_PARTITION_ID + i)) }
}

/** `path` has the names of structs one by one if a part is quoted; otherwise the name as it is written. */
type Name = { path: readonly string[]; isQuoted: boolean }
type Term = { text: string; transform: string; parameters: readonly Name[] }

class TermReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  readTerms(): Term[] {
    const terms: Term[] = []
    do terms.push(this.#readTerm())
    while (this.#take(','))
    if (this.#at < this.#text.length) throw syntaxError(this.#text)
    return terms
  }

  #readTerm(): Term {
    const start = this.#at
    const name = this.#readName()
    const [word = ''] = name.path
    const isCall = !name.isQuoted && /^\w+$/.test(word) && this.#take('(')
    if (!isCall) return { text: this.#textSince(start), transform: 'identity', parameters: [name] }
    const parameters: Name[] = []
    do parameters.push(this.#readName())
    while (this.#take(','))
    if (!this.#take(')')) throw syntaxError(this.#text)
    return { text: this.#textSince(start), transform: word.toLowerCase(), parameters }
  }

  #readName(): Name {
    const parts: Name[] = []
    do parts.push(this.#readQuoted() ?? this.#readBare())
    while (this.#take('.'))
    if (!parts.some(({ isQuoted }) => isQuoted)) return parts[0] ?? this.#readBare()
    return {
      path: parts.flatMap(({ path, isQuoted }) => (isQuoted ? path : (path[0] ?? '').split('.'))),
      isQuoted: true,
    }
  }

  #readQuoted(): Name | null {
    this.#skipSpaces()
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== '`') return null
    let name = ''
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      const char = this.#text[at] ?? ''
      if (char === quote && this.#text[at + 1] !== quote) {
        this.#at = at + 1
        return { path: [name], isQuoted: true }
      }
      if (char === quote) at += 1
      name += char
    }
    throw syntaxError(this.#text)
  }

  /** Up to a comma, a parenthesis, or a dot before a quoted name. */
  #readBare(): Name {
    const [matched] = /^(?:[^,().]|[.](?!\s*["`]))*/.exec(this.#text.slice(this.#at)) ?? ['']
    this.#at += matched.length
    const name = matched.trim()
    if (name === '') throw syntaxError(this.#text)
    return { path: [name], isQuoted: false }
  }

  #take(symbol: string): boolean {
    this.#skipSpaces()
    if (this.#text[this.#at] !== symbol) return false
    this.#at += 1
    return true
  }

  #skipSpaces(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }

  #textSince(start: number): string {
    return this.#text.slice(start, this.#at).trim()
  }
}

function toPartitionField(
  { text, transform: word, parameters }: Term,
  schema: Schema,
  fieldId: number,
): PartitionField {
  const isWidth = ({ path, isQuoted }: Name) => word !== 'identity' && !isQuoted && /^\d+$/.test(path[0] ?? '')
  const widths = parameters.filter(isWidth).map(({ path }) => path[0])
  const [name, ...others] = parameters.filter((parameter) => !isWidth(parameter))
  const transform = parseTransform(
    widths.length === 0
      ? word.replace(/^(year|month|day|hour)s$/, (plural) => plural.slice(0, -1))
      : `${word}[${widths[0]}]`,
  )
  if (name === undefined || others.length > 0 || widths.length > 1 || transform.kind === 'unknown')
    throw syntaxError(text)
  const column = name.path.join('.')
  const source = findSource(schema, name)
  if (!source)
    throw new AppError('invalid-request', `Column ${column} does not exist. Partition by a column of the table.`, {
      facts: { column },
    })
  const { type } = source.field
  if (typeof type !== 'string' || source.isRepeated || !canTransform(transform, type)) {
    throw new AppError('invalid-request', `Column ${column} cannot be partitioned by ${transform.kind}.`, {
      facts: { column },
    })
  }
  const suffix = transform.kind === 'identity' ? '' : (SUFFIXES[transform.kind] ?? `_${transform.kind}`)
  const transformText = widths.length === 0 ? transform.kind : `${transform.kind}[${widths[0]}]`
  return { sourceId: source.field.id, fieldId, name: `${column}${suffix}`, transform: transformText }
}

function findSource(schema: Schema, { path, isQuoted }: Name): IndexedField | null {
  if (!isQuoted) return findFieldByName(schema, path[0] ?? '')
  const isPath = (other: readonly string[]) =>
    other.length === path.length && other.every((name, i) => name === path[i])
  return [...indexFields(schema).values()].find((found) => isPath(found.path)) ?? null
}

function syntaxError(text: string): AppError {
  return new AppError(
    'invalid-request',
    `"${text}" is not a partitioning such as month(ts), bucket(16, id), "city, state".`,
  )
}
