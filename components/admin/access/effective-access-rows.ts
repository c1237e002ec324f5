import type { AccessEntry } from '@/lib/contract/access'
import { type CsvCell, toCsv } from '@/lib/format/csv'
import { resourceKey, resourceLabel, toResource } from '@/lib/names/resource-name'
import type { Resource } from '@/lib/permissions'
import { ACCESS_COLUMNS, allows } from './access-levels'

/** The loaded contents of a catalog or namespace, and the state of the next page. */
export type LevelContents = {
  entries: readonly AccessEntry[]
  rest: { state: 'reading' } | { state: 'failed'; message: string } | { state: 'unread' | 'none' }
}

/** A line of the tree, from top to bottom. A note is about the inside of `on`. */
export type AccessLine =
  | { kind: 'entry'; key: string; depth: number; entry: AccessEntry; isOpen: boolean | null }
  | { kind: 'note'; key: string; depth: number; on: Resource; note: 'reading' | 'empty' | 'more' }
  | { kind: 'problem'; key: string; depth: number; on: Resource; message: string }

/**
 * The tree as lines: an open line is followed by its contents.
 *
 * @param contents by the key of the resource, see `resourceKey`; `{}` is the top
 * @param onlyAllowed leaves out resources that the user cannot see
 */
export function accessLines(
  contents: ReadonlyMap<string, LevelContents>,
  isOpen: (on: Resource) => boolean,
  onlyAllowed: boolean,
): AccessLine[] {
  const linesIn = (on: Resource, depth: number): AccessLine[] => {
    const key = resourceKey(on)
    const level = contents.get(key)
    const note = (text: 'reading' | 'empty' | 'more'): AccessLine => ({
      kind: 'note',
      key: `${key} ${text}`,
      depth,
      on,
      note: text,
    })
    if (!level) return [note('reading')]
    const { rest } = level
    const entries = level.entries.filter((entry) => !onlyAllowed || entry.level !== 'none')
    const lines = [
      ...entries.flatMap((entry): AccessLine[] => {
        const inside = toResource(entry.resource)
        const canOpen = entry.kind === 'catalog' || entry.kind === 'namespace'
        const open = canOpen && isOpen(inside)
        return [
          { kind: 'entry', key: resourceKey(inside), depth, entry, isOpen: canOpen ? open : null },
          ...(open ? linesIn(inside, depth + 1) : []),
        ]
      }),
      ...(rest.state === 'failed'
        ? [{ kind: 'problem' as const, key: `${key} problem`, depth, on, message: rest.message }]
        : []),
      ...(rest.state === 'reading' ? [note('reading')] : []),
      ...(rest.state === 'unread' ? [note('more')] : []),
    ]
    return lines.length === 0 ? [note('empty')] : lines
  }
  return linesIn({}, 0)
}

/** The open lines as a file, which marks incomplete levels. */
export function accessCsv(lines: readonly AccessLine[]): string {
  const header = ['kind', 'name', ...ACCESS_COLUMNS.map(({ id }) => id), 'because_of', 'seen_only_for_what_is_inside']
  const rows = lines.flatMap((line): CsvCell[][] => {
    if (line.kind !== 'entry') {
      const isWhole = line.kind === 'note' && line.note === 'empty'
      return isWhole ? [] : [['not all listed', resourceLabel(line.on)]]
    }
    const { kind, resource: on, level, grants } = line.entry
    return [
      [
        kind,
        resourceLabel(on),
        ...ACCESS_COLUMNS.map((column) => (allows(column, level) ? 'yes' : 'no')),
        grants
          .map(
            (grant) => `${grant.role} of ${resourceLabel(grant.resource)} (${grant.holder.kind} ${grant.holder.name})`,
          )
          .join('; '),
        level === 'inside' ? 'yes' : 'no',
      ],
    ]
  })
  return toCsv(header, rows)
}

/** The last level of a name, which a line of the tree shows. */
export function lastLevel({ catalog, namespace, table }: AccessEntry['resource']): string {
  return table ?? namespace?.at(-1) ?? catalog ?? 'everything'
}
