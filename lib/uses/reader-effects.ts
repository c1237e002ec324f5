import type { Intent } from '@/lib/changes/intents/intent'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { parseTransform, transformLabel } from '@/lib/iceberg/partitioning/transform'
import type { TableUse } from '@/lib/contract/table/uses'
import { formatQuantity } from '@/lib/format/count'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import { isSameTable, namespaceLabel, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { kindNoun } from './use-texts'
import { writesTable } from './uses-column'

/** `breaks`: its text names a column that it no longer finds. `unknown`: it may. */
export type EffectState = 'breaks' | 'unknown' | 'goes-on'

/** The effect on one reader. `columns`: the changed ones that it names; null: every column, or not known. */
export type ReaderEffect = { use: TableUse; state: EffectState; columns: readonly string[] | null; text: string }

/** The change of a column at the top level. `isLost`: a text no longer finds it, or less in it, by its name. */
type ColumnChange = { column: string; isLost: boolean; text: string }

const WORST_FIRST: readonly EffectState[] = ['breaks', 'unknown', 'goes-on']

/**
 * The readers of a table whose columns changes concern, those that break first. Texts find columns by their names, so a
 * dropped or renamed column breaks them; other types, defaults, partitions and orders do not.
 */
export function readerEffects(
  table: TableIdentifier,
  uses: readonly TableUse[],
  intents: readonly Intent[],
): ReaderEffect[] {
  const changes = intents.flatMap(toColumnChanges)
  return sortWorstFirst(
    toEffects(uses, changes).map((effect) =>
      isCheckOf(table, effect.use) && effect.state !== 'goes-on' ? afterOwnEdit(effect, changes, intents) : effect,
    ),
  )
}

/** The columns that a broken check of the table names, if all of them are renamed: the check can be renamed, too. */
export function renamedColumns(
  table: TableIdentifier,
  { use, state, columns }: ReaderEffect,
  intents: readonly Intent[],
): ReadonlyMap<string, string> | null {
  if (state !== 'breaks' || columns === null || use.via !== null || !isCheckOf(table, use)) return null
  const isDropped = (column: string) =>
    intents.some((intent) => intent.kind === 'drop-column' && intent.column[0] === column)
  const renamed = new Map(
    intents.flatMap((intent): [string, string][] => {
      const [column, ...inner] = intent.kind === 'rename-column' ? intent.column : []
      return intent.kind === 'rename-column' && column !== undefined && inner.length === 0
        ? [[column, intent.name]]
        : []
    }),
  )
  return columns.some((column) => isDropped(column) || !renamed.has(column)) ? null : renamed
}

/** The readers of a table or view that is no longer found by its name, those that break first. */
export function effectsOfLostName(
  entry: TableIdentifier | ViewIdentifier,
  uses: readonly TableUse[],
  loss: 'rename' | 'drop',
): ReaderEffect[] {
  return sortWorstFirst(
    uses.map((use): ReaderEffect => {
      if (!('view' in entry) && isCheckOf(entry, use)) {
        return loss === 'drop'
          ? { use, state: 'breaks', columns: [], text: 'Is dropped with the table.' }
          : { use, state: 'goes-on', columns: [], text: 'Goes on: it belongs to the table.' }
      }
      if (use.certainty === 'may-read') return { use, state: 'unknown', columns: [], text: MAY_READ }
      return { use, state: 'breaks', columns: [], text: failureOf(use, 'its tables') }
    }),
  )
}

/** A check that is changed in the same commit. */
function afterOwnEdit(
  effect: ReaderEffect,
  changes: readonly ColumnChange[],
  intents: readonly Intent[],
): ReaderEffect {
  const key = checkProperty(effect.use.name)
  const edit = intents.find((intent) => 'key' in intent && intent.key === key)
  if (edit?.kind === 'remove-property') return { ...effect, state: 'goes-on', text: 'Is removed in the same commit.' }
  if (edit?.kind !== 'set-property') return effect
  const words = new Set(edit.value.toLowerCase().split(/[^\p{L}\p{N}_$]+/u))
  const isNamed = changes.some(({ column, isLost }) => isLost && words.has(column.toLowerCase()))
  return isNamed
    ? { ...effect, state: 'unknown', text: 'Is changed in the same commit, but may still name a column that is lost.' }
    : { ...effect, state: 'goes-on', text: 'Goes on: it is changed in the same commit.' }
}

function isCheckOf(table: TableIdentifier, { kind, entry }: TableUse): boolean {
  return kind === 'check' && entry !== null && isSameTable(table, { ...entry, table: entry.name })
}

function sortWorstFirst(effects: readonly ReaderEffect[]): ReaderEffect[] {
  return effects.toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))
}

/** As {@link readerEffects}, for the readers of a view that no longer has some of its columns. */
export function effectsOfLostColumns(uses: readonly TableUse[], columns: readonly string[]): ReaderEffect[] {
  return toEffects(
    uses,
    columns.flatMap((column) => toChange([column], true, 'is removed')),
  )
}

function toEffects(uses: readonly TableUse[], changes: readonly ColumnChange[]): ReaderEffect[] {
  if (changes.length === 0) return []
  return sortWorstFirst(uses.flatMap((use) => (writesTable(use) ? [] : (toEffect(use, changes) ?? []))))
}

/** Whether a reader breaks, or may: before such a change the name of the entry is typed. */
export function mightBreak(effects: readonly ReaderEffect[]): boolean {
  return effects.some(({ state }) => state !== 'goes-on')
}

/** Whether changes concern columns that texts may name. */
export function concernsReaders(intents: readonly Intent[]): boolean {
  return intents.some((intent) => toColumnChanges(intent).length > 0)
}

/** `view · delay · Its next read fails: a view finds columns by name.` */
export function describeEffect({ use, columns, text }: ReaderEffect): string {
  const owner = use.owner === null ? '' : ` by ${use.owner}`
  return `${kindNoun(use.kind)}${owner} · ${columns === null ? 'every column' : columns.join(', ')} · ${text}`
}

/** `2 of 5 known readers break; 2 go on, 1 may break.` */
export function summarizeEffects(effects: readonly ReaderEffect[]): string {
  const countOf = (state: EffectState) => effects.filter((effect) => effect.state === state).length
  const [breaking, unknown, ongoing] = [countOf('breaks'), countOf('unknown'), countOf('goes-on')]
  const rest = [
    ...(ongoing === 0 ? [] : [`${ongoing} ${ongoing === 1 ? 'goes' : 'go'} on`]),
    ...(unknown === 0 ? [] : [`${unknown} may break`]),
  ].join(', ')
  if (effects.length === 1)
    return `The only known reader ${breaking === 1 ? 'breaks' : unknown === 1 ? 'may break' : 'goes on'}.`
  const known = formatQuantity(effects.length, 'known reader')
  const first =
    breaking === 0
      ? `None of ${known} is sure to break`
      : `${breaking} of ${known} ${breaking === 1 ? 'breaks' : 'break'}`
  return rest === '' ? `${first}.` : `${first}; ${rest}.`
}

/** `2 readers break`, `1 reader may break`; null if none does. */
export function countBreaking(effects: readonly ReaderEffect[]): string | null {
  const breaking = effects.filter(({ state }) => state === 'breaks').length
  if (breaking > 0) return `${formatQuantity(breaking, 'reader')} ${breaking === 1 ? 'breaks' : 'break'}`
  const unknown = effects.filter(({ state }) => state === 'unknown').length
  return unknown === 0 ? null : `${formatQuantity(unknown, 'reader')} may break`
}

function toColumnChanges(intent: Intent): ColumnChange[] {
  switch (intent.kind) {
    case 'drop-column':
      return toChange(intent.column, true, 'is dropped')
    case 'rename-column':
      return toChange(intent.column, true, `is renamed to ${intent.name}`)
    case 'change-column-type':
      return toChange(intent.column, false, `is ${intent.type} instead of ${intent.base}`)
    case 'make-column-optional':
      return toChange(intent.column, false, 'may be null')
    case 'set-write-default':
      return toChange(
        intent.column,
        false,
        intent.value === null ? 'has no write default' : `is ${intent.value} in new rows without a value`,
      )
    case 'add-partition-field':
      return toChange(
        intent.source,
        false,
        `partitions new data by ${transformLabel(parseTransform(intent.transform), columnLabel(intent.source))}`,
      )
    case 'replace-sort-order':
      return intent.fields.flatMap(({ source }) => toChange(source, false, 'orders new files'))
    default:
      return []
  }
}

function toChange(path: readonly string[], isLost: boolean, text: string): ColumnChange[] {
  const [column] = path
  return column === undefined ? [] : [{ column, isLost, text: `${columnLabel(path)} ${text}` }]
}

function toEffect(use: TableUse, changes: readonly ColumnChange[]): ReaderEffect | null {
  const { certainty, columns: named } = use
  const concerned = named === null ? changes : changes.filter(({ column }) => named.includes(column))
  if (concerned.length === 0) return null
  const lost = concerned.filter(({ isLost }) => isLost)
  const columns = named && [...new Set(concerned.map(({ column }) => column))]
  if (lost.length === 0)
    return { use, state: 'goes-on', columns, text: `Goes on: ${concerned.map(({ text }) => text).join('; ')}.` }
  if (certainty === 'may-read') return { use, state: 'unknown', columns, text: MAY_READ }
  if (columns === null)
    return {
      use,
      state: 'unknown',
      columns,
      text: `Reads every column: fails if its text also names ${[...new Set(lost.map(({ column }) => column))].join(', ')}.`,
    }
  return { use, state: 'breaks', columns, text: failureOf(use) }
}

const MAY_READ = 'May read this: its text contains the name, but Lakeshore cannot tell what it means there.'

/** @param found the objects that the change takes from those that a view finds */
function failureOf(use: TableUse, found = 'columns'): string {
  const { kind, via } = use
  if (writesTable(use)) return 'Pauses before its next run.'
  if (via !== null) return `Fails with ${namespaceLabel([...via.namespace, via.name])}, through which it reads this.`
  switch (kind) {
    case 'view':
      return `Its next read fails: a view finds ${found} by name.`
    case 'check':
      return 'Fails with an error, so that no branch passes it.'
    case 'proposal':
      return 'Its SQL fails once it is committed.'
    default:
      return 'Fails at its next run.'
  }
}
