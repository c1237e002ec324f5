import 'server-only'
import type { Compression } from '@/lib/contract/dashboards'
import { MAX_WRITERS, NOT_KNOWN, oldestMonth, OTHERS, type StorageCut } from '@/lib/facts/storage-cuts'
import type { PartBytes } from '@/lib/facts/storage-part'
import type { Database } from '@/server/db/database'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import { readCut } from '@/server/db/facts/storage/read-cut'
import type { LiveSums } from '@/server/db/facts/storage/read-parts'
import { addPages, NO_PAGES } from './live-bytes'
import { toPageSizes } from './listed-columns'

type Group = NonNullable<Compression['fileGroups']>['groups'][number]

/**
 * The files whose footers were read, by writer with the most bytes first, or by month with the newest first. They add up
 * to the data files that were read; those of tables that were measured before this was stored are *not known*.
 *
 * @param live the bytes of all tables now
 */
export async function readFileGroups(
  database: Database,
  { of, cut, live, nowMs }: { of: SumScope; cut: StorageCut; live: LiveSums; nowMs: number },
): Promise<Group[]> {
  const stored = (await readCut(database, { of, cut })).filter(({ name }) => name !== NOT_KNOWN)
  const named = stored
    .filter(({ name }) => name !== OTHERS && (cut === 'writer' || name >= oldestMonth(nowMs)))
    .toSorted((a, b) => (cut === 'writer' ? b.bytes.stored - a.bytes.stored : a.name < b.name ? 1 : -1))
    .slice(0, cut === 'writer' ? MAX_WRITERS : undefined)
  const others = stored.filter((one) => !named.includes(one))
  const sumOf = (all: readonly { bytes: PartBytes }[]) =>
    all.reduce((total, { bytes }) => addPages(total, bytes), NO_PAGES)
  const all = { ...live.pages, stored: live.pages.stored + live.footers }
  const unknown = addPages(all, sumOf(stored), -1)
  return [
    ...named.map(({ name, bytes }) => toGroup('named', name, bytes)),
    ...(others.length === 0 ? [] : [toGroup('others', '', sumOf(others))]),
    ...(unknown.stored === 0 && unknown.plain === 0 ? [] : [toGroup('unknown', '', unknown)]),
  ]
}

function toGroup(kind: Group['kind'], name: string, bytes: PartBytes): Group {
  return { kind, name, ...toPageSizes(bytes) }
}
