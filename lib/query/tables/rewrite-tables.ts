import { hideColumns } from './hidden-columns'
import { quoteIdentifier } from '../../sql/quote-identifier'
import type { SqlRange } from '../statement/sql-error'
import type { TableReference } from './table-references'
import { isSymbol, tokenName, type Token } from '../statement/tokenize'

/** SQL for the engine, and the map from its positions back to the user's text. */
export type RewrittenSql = {
  sql: string
  /** Maps a position in `sql`, counted in UTF-8 bytes as in DuckDB, to a position in the text as written. */
  toSource: (byteOffset: number) => number
  /** Restores written table names in the engine's output (a column without a name is named after its text). */
  toSourceText: (text: string) => string
}

/** A replacement of a range. */
export type Edit = SqlRange & { text: string }

export type RewriteOptions = {
  /** For each reference, the columns that `*` leaves out. */
  hiddenColumns?: readonly (readonly string[])[]
  /** Edits of the statement outside the names of its tables. */
  otherEdits?: readonly Edit[]
}

/**
 * Replaces each table's name and time travel clause with its local name. A table without an alias gets its last name
 * part as alias, so that `flights.origin` still refers to it; `demo.flights.origin` is shortened to match.
 *
 * @param source the whole text; `statement` is the part of it that runs
 * @param localNames one per reference, in their order
 */
export function rewriteTables(
  source: string,
  statement: SqlRange & { tokens: readonly Token[] },
  references: readonly TableReference[],
  localNames: readonly string[],
  { hiddenColumns = [], otherEdits = [] }: RewriteOptions = {},
): RewrittenSql {
  const aliases = references.map((reference) => implicitAlias(reference, references))
  const edits: Edit[] = references.map(({ fullRange, isBare, alias }, i) => {
    const local = quoteIdentifier(localNames[i] ?? '')
    if (isBare) return { ...fullRange, text: `SELECT * FROM ${local}` }
    return { ...fullRange, text: alias !== null ? local : `${local} AS ${quoteIdentifier(aliases[i] ?? '')}` }
  })
  for (const chain of findNameChains(statement.tokens)) {
    if (references.some(({ nameRange }) => chain.start >= nameRange.start && chain.start < nameRange.end)) continue
    const names = chain.parts.map(({ name }) => name.toLowerCase())
    const matches = references.flatMap((reference, i) => {
      const length = matchedLength(reference, names)
      return length === 0 ? [] : [{ length, referenceIndex: i }]
    })
    // `demo.flights.origin` is of `demo.flights`, and otherwise of the only `….demo.flights`.
    const whole = matches.find(({ length, referenceIndex: i }) => length === references[i]?.parts.length)
    const [match] = whole ? [whole] : matches.length === 1 ? matches : []
    if (!match) continue
    const { length, referenceIndex } = match
    const last = chain.parts[length - 1]
    if (last) edits.push({ start: chain.start, end: last.end, text: quoteIdentifier(aliases[referenceIndex] ?? '') })
  }
  const tables = references.map((reference, i) => ({
    reference,
    alias: reference.alias ?? aliases[i] ?? '',
    columns: hiddenColumns[i] ?? [],
  }))
  edits.push(...hideColumns(statement.tokens, tables))
  const toSourceText = (text: string) =>
    references.reduce((restored, { fullRange, alias }, i) => {
      const [before = '', ...rest] = restored.split(quoteIdentifier(localNames[i] ?? ''))
      const after = alias !== null ? rest : rest.map((part) => part.replace(/^ AS ("([^"]|"")*"|\w+)/, ''))
      return [before, ...after].join(source.slice(fullRange.start, fullRange.end))
    }, text)
  // At one position, edits that enclose the others come first.
  return { ...applyEdits(source, statement, [...otherEdits, ...edits]), toSourceText }
}

/** How many of the names before a column are the end of a table's name, of which two suffice; 0 for another table. */
function matchedLength({ parts, alias }: TableReference, names: readonly string[]): number {
  if (alias !== null) return 0
  for (let length = Math.min(parts.length, names.length - 1); length > 1; length -= 1) {
    const end = parts.slice(-length).map((part) => part.toLowerCase())
    if (end.every((part, i) => part === names[i])) return length
  }
  return 0
}

/** The last part of a name; the whole name if another table of the statement has the same last part. */
function implicitAlias(reference: TableReference, references: readonly TableReference[]): string {
  const last = reference.parts.at(-1) ?? ''
  const dotted = reference.parts.join('.')
  const isShared = references.some(
    (other) =>
      other.alias === null &&
      other.parts.at(-1)?.toLowerCase() === last.toLowerCase() &&
      other.parts.join('.') !== dotted,
  )
  return isShared ? dotted : last
}

/** Names joined by dots (`a.b.c`, `a.b.*`) that do not follow a dot themselves. */
function findNameChains(tokens: readonly Token[]) {
  const chains: { start: number; parts: { name: string; end: number }[] }[] = []
  for (let at = 0; at < tokens.length; at++) {
    const parts: { name: string; end: number }[] = []
    const start = tokens[at]?.start ?? 0
    for (;;) {
      const token = tokens[at]
      const name = tokenName(token) ?? (parts.length > 0 && isSymbol(token, '*') ? '*' : null)
      if (name === null || token === undefined) break
      parts.push({ name, end: token.end })
      if (!isSymbol(tokens[at + 1], '.')) break
      at += 2
    }
    if (parts.length > 1) chains.push({ start, parts })
  }
  return chains
}

function applyEdits(
  source: string,
  { start, end }: SqlRange,
  unsortedEdits: readonly Edit[],
): Pick<RewrittenSql, 'sql' | 'toSource'> {
  const edits = unsortedEdits.toSorted((a, b) => a.start - b.start)
  let sql = ''
  let from = start
  /** Pieces of the result. Copied pieces map position by position, inserted ones to the position where they begin. */
  const pieces: { at: number; source: number; isCopy: boolean }[] = []
  for (const edit of edits) {
    pieces.push({ at: sql.length, source: from, isCopy: true })
    sql += source.slice(from, edit.start)
    pieces.push({ at: sql.length, source: edit.start, isCopy: false })
    sql += edit.text
    from = edit.end
  }
  pieces.push({ at: sql.length, source: from, isCopy: true })
  sql += source.slice(from, end)
  return {
    sql,
    toSource(byteOffset) {
      const offset = utf16Offset(sql, byteOffset)
      const piece = pieces.findLast(({ at }) => at <= offset)
      return piece ? piece.source + (piece.isCopy ? offset - piece.at : 0) : start
    },
  }
}

function utf16Offset(text: string, byteOffset: number): number {
  let bytes = 0
  let units = 0
  for (const char of text) {
    if (bytes >= byteOffset) break
    const code = char.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    units += char.length
  }
  return units
}
