import type { EffectiveAccess } from '@/lib/contract/access'
import { type CsvCell, toCsv } from '@/lib/format/csv'
import { resourceKey, resourceKind, resourceLabel } from '@/lib/format/resource-name'
import type { Resource } from '@/lib/permissions'
import { ACCESS_LEVELS } from './access-levels'

/** What is known of the inside of a catalog or namespace. */
export type LevelContents =
  | { state: 'reading' }
  | { state: 'failed'; error: Error }
  | { state: 'read'; entries: readonly EffectiveAccess[]; hasMore: boolean }

/** A line of the tree, from top to bottom. A note stands where the inside of `on` has no lines of its own. */
export type AccessLine =
  | { kind: 'entry'; key: string; depth: number; entry: EffectiveAccess; isOpen: boolean | null }
  | { kind: 'note'; key: string; depth: number; on: Resource; note: 'reading' | 'empty' | 'more' }
  | { kind: 'problem'; key: string; depth: number; on: Resource; error: Error }

/**
 * The tree as lines: what is open is followed by its inside.
 *
 * @param contents by the key of the resource, see `resourceKey`; `{}` is the top
 * @param onlyAllowed leaves out what the user does not even see
 */
export function accessLines(
  contents: ReadonlyMap<string, LevelContents>,
  isOpen: (on: Resource) => boolean,
  onlyAllowed: boolean,
): AccessLine[] {
  const linesIn = (parent: Resource, depth: number): AccessLine[] => {
    const parentKey = resourceKey(parent)
    const level = contents.get(parentKey) ?? { state: 'reading' as const }
    const note = (text: 'reading' | 'empty' | 'more'): AccessLine => ({
      kind: 'note',
      key: `${parentKey} ${text}`,
      depth,
      on: parent,
      note: text,
    })
    if (level.state === 'reading') return [note('reading')]
    if (level.state === 'failed') {
      return [{ kind: 'problem', key: `${parentKey} problem`, depth, on: parent, error: level.error }]
    }
    const entries = level.entries.filter(({ may }) => !onlyAllowed || may.see)
    const lines = entries.flatMap((entry): AccessLine[] => {
      const canOpen = resourceKind(entry.on) !== 'table'
      const open = canOpen && isOpen(entry.on)
      return [
        { kind: 'entry', key: resourceKey(entry.on), depth, entry, isOpen: canOpen ? open : null },
        ...(open ? linesIn(entry.on, depth + 1) : []),
      ]
    })
    if (lines.length === 0 && !level.hasMore) return [note('empty')]
    return level.hasMore ? [...lines, note('more')] : lines
  }
  return linesIn({}, 0)
}

/** The lines that are open, as a file. */
export function accessCsv(lines: readonly AccessLine[]): string {
  const header = ['kind', 'name', ...ACCESS_LEVELS.map(({ id }) => id), 'because_of', 'seen_only_for_what_is_inside']
  const rows = lines.flatMap((line): CsvCell[][] =>
    line.kind === 'entry'
      ? [
          [
            resourceKind(line.entry.on),
            resourceLabel(line.entry.on),
            ...ACCESS_LEVELS.map(({ id }) => (line.entry.may[id] ? 'yes' : 'no')),
            line.entry.becauseOf
              .map(
                ({ grant }) =>
                  `${grant.role} of ${resourceLabel(grant.on)} (${grant.holder.kind} ${grant.holder.name})`,
              )
              .join('; '),
            line.entry.isSeenForInside ? 'yes' : 'no',
          ],
        ]
      : [],
  )
  return toCsv(header, rows)
}

/** The last level of a name, which a line of the tree shows. */
export function lastLevel({ catalog, namespace, table }: Resource): string {
  return table ?? namespace?.at(-1) ?? catalog ?? 'everything'
}
