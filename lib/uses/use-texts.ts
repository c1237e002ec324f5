import type { TableUse, TableUses } from '@/lib/contract/table/uses'
import { formatQuantity } from '@/lib/format/count'
import { formatList } from '@/lib/format/sentence'
import { namespaceLabel } from '@/lib/names/identifiers'
import { writesTable } from './uses-column'

/** The catalog of a view does not say which engines read it. */
export const NO_CLIENTS_OF_VIEWS = 'Engines and other programs that read the view are not known.'

const MAX_NAMED_COLUMNS = 3

/**
 * The view, or the name of the query, the check, the schedule or the proposal.
 *
 * @param catalog of the table that is used: only another one is named
 */
export function usedByLabel({ kind, name, entry }: TableUse, catalog: string): string {
  return kind === 'view' && entry !== null ? labelFrom(catalog, entry) : name
}

function labelFrom(catalog: string, entry: NonNullable<TableUse['entry']>): string {
  const label = namespaceLabel([...entry.namespace, entry.name])
  return entry.catalog === catalog ? label : `${entry.catalog}.${label}`
}

const NOUNS: readonly (readonly [TableUse['kind'], string, string])[] = [
  ['view', 'view', 'views'],
  ['check', 'check', 'checks'],
  ['query', 'saved query', 'saved queries'],
  ['schedule', 'schedule', 'schedules'],
  ['proposal', 'proposal', 'proposals'],
]

/** `saved query`. */
export function kindNoun(kind: TableUse['kind']): string {
  return NOUNS.find(([known]) => known === kind)?.[1] ?? kind
}

/** `Saved queries`. */
export function kindTitle(kind: TableUse['kind']): string {
  const plural = NOUNS.find(([known]) => known === kind)?.[2] ?? kind
  return `${plural.slice(0, 1).toUpperCase()}${plural.slice(1)}`
}

/** `2 views, 1 check, and 3 saved queries`. */
export function countUses(uses: readonly TableUse[]): string {
  const counts = NOUNS.flatMap(([kind, noun, plural]) => {
    const count = uses.filter((use) => use.kind === kind).length
    return count === 0 ? [] : [formatQuantity(count, noun, plural)]
  })
  return formatList(counts)
}

/**
 * Its kind and the columns that it names: `saved query by ada, delay, origin, through demo.late`.
 *
 * @param catalog of the table that is used: only another one is named
 */
export function describeUse(use: TableUse, catalog: string): string {
  const { kind, owner, entry, certainty, columns, formerColumns, via } = use
  const noun = kindNoun(kind)
  const of =
    kind === 'check' && entry !== null
      ? ` of ${entry.catalog === catalog ? entry.name : labelFrom(catalog, entry)}`
      : owner === null
        ? ''
        : ` by ${owner}`
  const through = via === null ? '' : `, through ${labelFrom(catalog, via)}`
  const former =
    formerColumns.length === 1
      ? `uses the column ${namedColumns(formerColumns)}, which no longer exists`
      : `uses the columns ${namedColumns(formerColumns)}, which no longer exist`
  const named = [
    ...(formerColumns.length > 0 && columns?.length === 0 ? [] : [describeColumns(certainty, columns)]),
    ...(formerColumns.length === 0 ? [] : [former]),
  ].join(', ')
  return `${noun}${of}${writesTable(use) ? '' : `, ${named}`}${through}`
}

function describeColumns(certainty: TableUse['certainty'], columns: TableUse['columns']): string {
  if (certainty === 'may-read') return 'may read it'
  if (columns === null) return 'every column'
  if (columns.length === 0) return 'names no column'
  return namedColumns(columns)
}

function namedColumns(columns: readonly string[]): string {
  const named = columns.slice(0, MAX_NAMED_COLUMNS).join(', ')
  return columns.length > MAX_NAMED_COLUMNS ? `${named} and ${columns.length - MAX_NAMED_COLUMNS} more` : named
}

/** How far the uses are known; empty when all are. */
export function limitsOfUses({ isTruncated, missingCatalogs }: Omit<TableUses, 'uses'>): string[] {
  return [
    ...(isTruncated ? ['There may be more than Lakeshore has looked at.'] : []),
    ...(missingCatalogs.length === 0 ? [] : [`Not everything in ${missingCatalogs.join(', ')} could be looked at.`]),
  ]
}
