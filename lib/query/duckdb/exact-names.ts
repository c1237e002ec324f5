import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RenamedColumn } from '../engine'
import type { Edit } from '../tables/rewrite-tables'
import { sqlError } from '../statement/sql-error'
import type { TableReference } from '../tables/table-references'
import { isSymbol, type Token, tokenKeyword, tokenName, tokenString } from '../statement/tokenize'

/** A table of a statement and its columns as queries name them; null for a view, whose columns are not known. */
export type NamedTable = {
  reference: Pick<TableReference, 'parts' | 'alias' | 'nameRange' | 'fullRange'>
  fields: readonly NestedField[] | null
  renamedColumns: readonly RenamedColumn[]
}

/** Columns, or fields of one struct, whose names differ only in case. */
type CaseGroup = {
  /** The name that queries use for each of them, by its name in the table. */
  shownNames: ReadonlyMap<string, string>
  /** The name of the column or field that has these fields; null for columns. */
  parent: string | null
}

/**
 * Edits that make a name mean the column that is spelled exactly so: of the columns `x` and `X`, which queries call `x`
 * and `X_2`, the name `"X"` becomes `"X_2"`. DuckDB ignores case, and would read `x`.
 *
 * @throws {AppError} query-failed at a name that may mean several of such columns, or something else of the statement
 */
export function findExactNameEdits(tokens: readonly Token[], tables: readonly NamedTable[]): Edit[] {
  const groups = new Map<NamedTable, readonly CaseGroup[]>(tables.map((table) => [table, caseGroups(table)]))
  const allGroups = [...groups.values()].flat()
  if (allGroups.length === 0) return []
  const fieldGroups = allGroups.filter(({ parent }) => parent !== null)
  const definedNames = findDefinedNames(tokens)
  const edits: Edit[] = []
  for (const [i, token] of tokens.entries()) {
    if (tables.some(({ reference }) => isInReference(token, tokens[i - 1], reference))) continue
    const text = tokenString(token)
    if (text !== null && isFieldText(tokens, i)) {
      const shown = shownName(text, token, fieldGroups.flatMap(withName(text)))
      if (shown !== null) throw ambiguousError(text, token, fieldGroups.flatMap(withName(text)))
      continue
    }
    const name = tokenName(token)
    if (name === null) continue
    const isAfterDot = isSymbol(tokens[i - 1], '.')
    const qualifier = isAfterDot ? (tokenName(tokens[i - 2])?.toLowerCase() ?? '') : null
    if (!isAfterDot && isNoColumn(tokens, i, tables)) continue
    const candidates = findCandidates(name, qualifier, { tables, groups, definedNames, allGroups })
    if (candidates === null) continue
    const isOwnName = qualifier === null && definesName(tokens, i)
    if (isOwnName) continue
    const hasOtherMeaning = [...definedNames].some(
      (other) => other !== name && other.toLowerCase() === name.toLowerCase(),
    )
    if (hasOtherMeaning && !isAfterDot) throw ambiguousError(name, token, candidates.groups)
    const shown = shownName(name, token, candidates.groups)
    if (shown === null) continue
    if (candidates.isUnsure || (qualifier === null && followsValue(tokens, i)))
      throw ambiguousError(name, token, candidates.groups)
    edits.push({ start: token.start, end: token.end, text: `"${shown.replaceAll('"', '""')}"` })
  }
  return edits
}

/** The groups that a name may be of; `isUnsure` when it may also mean something else. Null if it is of none. */
function findCandidates(
  name: string,
  qualifier: string | null,
  {
    tables,
    groups,
    definedNames,
    allGroups,
  }: {
    tables: readonly NamedTable[]
    groups: ReadonlyMap<NamedTable, readonly CaseGroup[]>
    definedNames: ReadonlySet<string>
    allGroups: readonly CaseGroup[]
  },
): { groups: readonly CaseGroup[]; isUnsure: boolean } | null {
  const lower = name.toLowerCase()
  const named = allGroups.flatMap(withName(name))
  if (named.length === 0) return null
  const columnsOf = (table: NamedTable) =>
    (groups.get(table) ?? []).filter(({ parent }) => parent === null).flatMap(withName(name))
  if (qualifier !== null) {
    const qualified = tables.filter(
      ({ reference: { alias, parts } }) => (alias ?? parts.at(-1))?.toLowerCase() === qualifier,
    )
    const [only] = qualified
    if (only) {
      const ofTable = qualified.flatMap(columnsOf)
      return ofTable.length === 0 ? null : { groups: ofTable, isUnsure: !isUniform(ofTable) }
    }
    const ofStruct = named.filter(({ parent }) => parent?.toLowerCase() === qualifier)
    if (ofStruct.length > 0) return { groups: ofStruct, isUnsure: !isUniform(ofStruct) }
    const isOtherStruct = tables.some(({ fields }) => fields?.some((field) => field.name.toLowerCase() === qualifier))
    if (isOtherStruct) return null
    // A field of a struct that has another name here, such as an element of a list or a column of a subquery.
    if (named.some(({ parent }) => parent !== null)) return { groups: named, isUnsure: true }
  }
  const columns = tables.flatMap(columnsOf)
  if (columns.length === 0) return null
  const mayBeOther =
    [...definedNames].some((defined) => defined.toLowerCase() === lower) ||
    tables.some(
      (table) =>
        columnsOf(table).length === 0 &&
        (table.fields === null || table.fields.some((field) => field.name.toLowerCase() === lower)),
    )
  return { groups: columns, isUnsure: mayBeOther || !isUniform(columns) }
}

/**
 * The name that DuckDB has to see in place of this one, or null if it needs no change.
 *
 * @throws {AppError} query-failed for a name that matches none of them exactly
 */
function shownName(name: string, token: Token, groups: readonly CaseGroup[]): string | null {
  if (groups.length === 0) return null
  const shown = new Set(groups.map(({ shownNames }) => shownNames.get(name)))
  if (shown.has(undefined)) throw ambiguousError(name, token, groups)
  const [only] = shown
  return only === undefined || only === name ? null : only
}

function isUniform(groups: readonly CaseGroup[]): boolean {
  return (
    new Set(groups.map(({ shownNames }) => JSON.stringify([...shownNames].toSorted(([a], [b]) => (a < b ? -1 : 1)))))
      .size === 1
  )
}

function withName(name: string): (group: CaseGroup) => readonly CaseGroup[] {
  const lower = name.toLowerCase()
  return (group) => ([...group.shownNames.keys()].some((other) => other.toLowerCase() === lower) ? [group] : [])
}

function ambiguousError(name: string, token: Token, groups: readonly CaseGroup[]) {
  const shown = [...new Set(groups.flatMap(({ shownNames }) => [...shownNames.values()]))].map(quoted)
  const spellings = [...new Set(groups.flatMap(({ shownNames }) => [...shownNames.keys()]))].map(quoted)
  return sqlError(
    `${quoted(name)} is ambiguous: there are columns ${spellings.join(' and ')}, whose names differ only in case.`,
    token,
    `Write ${shown.join(' or ')}.`,
  )
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function caseGroups({ fields, renamedColumns }: NamedTable): readonly CaseGroup[] {
  if (fields === null || renamedColumns.length === 0) return []
  const tableNames = new Map(renamedColumns.map(({ name, queryName }) => [queryName, name]))
  const result: CaseGroup[] = []
  const addGroups = (siblings: readonly NestedField[], path: readonly string[]) => {
    const prefix = path.map((part) => `${part}.`).join('')
    const byName = new Map<string, Map<string, string>>()
    for (const field of siblings) {
      const name = tableNames.get(prefix + field.name)?.slice(prefix.length) ?? field.name
      const sameNames = byName.get(name.toLowerCase()) ?? new Map<string, string>()
      byName.set(name.toLowerCase(), sameNames.set(name, field.name))
      addNested(field.type, [...path, field.name])
    }
    for (const shownNames of byName.values())
      if (shownNames.size > 1) result.push({ shownNames, parent: path.at(-1) ?? null })
  }
  const addNested = (type: Type, path: readonly string[]): void => {
    if (typeof type === 'string') return
    if (type.type === 'struct') addGroups(type.fields, path)
    else if (type.type === 'list') addNested(type.element, path)
    else {
      addNested(type.key, path)
      addNested(type.value, path)
    }
  }
  addGroups(fields, [])
  return result
}

/** Names that the statement gives to values: after AS. */
function findDefinedNames(tokens: readonly Token[]): ReadonlySet<string> {
  const names = tokens.flatMap((_token, i) => (definesName(tokens, i) ? (tokenName(tokens[i]) ?? []) : []))
  return new Set(names)
}

/** In `* REPLACE (… AS x)` the name after AS is that of a column. */
function definesName(tokens: readonly Token[], at: number): boolean {
  return tokenKeyword(tokens[at - 1]) === 'AS' && !tokens.some((token) => tokenKeyword(token) === 'REPLACE')
}

/** The name of a table, its clauses, or its alias. */
function isInReference(
  token: Token,
  before: Token | undefined,
  { fullRange, alias }: NamedTable['reference'],
): boolean {
  if (token.start >= fullRange.start && token.start < fullRange.end) return true
  if (alias === null || tokenName(token) !== alias || before === undefined) return false
  return before.end === fullRange.end || (tokenKeyword(before) === 'AS' && token.start > fullRange.end)
}

/** `row['ID']` and `struct_extract(row, 'ID')`, where DuckDB ignores case, too. */
function isFieldText(tokens: readonly Token[], at: number): boolean {
  const isAfterValue = at > 1 && followsValue(tokens, at - 1)
  const isIndex = isSymbol(tokens[at - 1], '[') && isSymbol(tokens[at + 1], ']') && isAfterValue
  const isArgument = isSymbol(tokens[at - 1], ',') && isSymbol(tokens[at + 1], ')')
  const isExtract = isArgument && tokens.some((token) => tokenName(token)?.toLowerCase() === 'struct_extract')
  return isIndex || isExtract
}

/** Words that are not columns where they are: of a type, a function, a part of a time, or the qualifier of a name. */
function isNoColumn(tokens: readonly Token[], at: number, tables: readonly NamedTable[]): boolean {
  const [before, token, next] = [tokens[at - 1], tokens[at], tokens[at + 1]]
  const name = tokenName(token)?.toLowerCase()
  if (isSymbol(next, '.'))
    return tables.some(({ reference: { alias, parts } }) =>
      [alias, ...parts].some((part) => part?.toLowerCase() === name),
    )
  if (isSymbol(next, '(')) return true
  if (token?.kind !== 'word') return false
  const isType =
    isSymbol(before, '::') || (tokenKeyword(before) === 'AS' && isSymbol(next, ')')) || next?.kind === 'string'
  const isPart =
    (isSymbol(before, '(') && tokenKeyword(tokens[at - 2]) === 'EXTRACT') || tokenKeyword(tokens[at - 2]) === 'INTERVAL'
  return isType || isPart
}

/** Words after which an expression begins. */
const BEFORE_EXPRESSION = new Set(
  (
    'SELECT DISTINCT ALL WHERE AND OR NOT BY ON HAVING QUALIFY WHEN THEN ELSE CASE BETWEEN IN LIKE ILIKE GLOB TO FROM ' +
    'USING LIMIT OFFSET EXCLUDE IS ANY SOME ESCAPE FOR'
  ).split(' '),
)

/** Whether a name is just after a value, and so names it: `delay "X"`. */
function followsValue(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  if (before === undefined) return false
  if (before.kind === 'symbol') return [')', ']', '}'].some((symbol) => isSymbol(before, symbol))
  return !BEFORE_EXPRESSION.has(tokenKeyword(before) ?? '')
}
