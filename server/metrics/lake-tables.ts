import 'server-only'
import { inParallel } from '@/lib/in-parallel'
import type { LakeReading, RepeatedTable, UnreachableCatalog } from '@/lib/contract/lake'
import type { ProblemInPlace } from '@/lib/contract/problem-in-place'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import type { Services } from '@/server/services'
import { walkLake } from './lake-walk'
import { problemOf } from './problem-of'

/** Tables one answer is made from; a larger lake is cut, and the answer says so. */
const MAX_TABLES = 1_000
const AT_A_TIME = 8
/** Failures, and further names, that one answer tells of one by one. */
const MAX_TOLD = 50

export type Asking = { signal: AbortSignal; requestId: string; nowMs: number }
export type Scope = { catalog?: string | undefined; namespace?: Namespace | undefined }

export type LakeTables = {
  tables: LoadedTable[]
  /** Further names of tables that are in `tables`. */
  repeated: RepeatedTable[]
  unreadable: (ProblemInPlace & { place: TableRef })[]
  unreachable: UnreachableCatalog[]
  catalogCount: number
  namespaceCount: number
  isCut: boolean
  /** Reads of a table's files, from what is left of the time for its catalog. */
  inTime: <Result>(table: LoadedTable, work: (asking: Asking) => Promise<Result>) => Promise<Result>
}

/** Every table the actor may read, loaded, and once; those that cannot be are told, never left out in silence. */
export async function loadLake(
  services: Pick<Services, 'catalogs' | 'log'>,
  actor: Actor,
  scope: Scope,
  asking: Asking,
): Promise<LakeTables> {
  const lake = await walkLake(services, actor, { ...asking, only: scope.catalog })
  const wanted = lake.tables.filter((ref) => isWithin(ref, scope))
  const byName = new Map(lake.catalogs.map((catalog) => [catalog.name, catalog]))
  const unreadable: LakeTables['unreadable'] = []
  const inTime = <Result>(catalogName: string, work: (asking: Asking, catalog: CatalogClient) => Promise<Result>) => {
    const catalog = byName.get(catalogName)
    if (!catalog) throw new Error(`${catalogName} was not walked`)
    return lake.patience.spend(catalog, (signal) => work({ ...asking, signal }, catalog))
  }
  const loaded = await inParallel(wanted.slice(0, MAX_TABLES), AT_A_TIME, async (ref) => {
    try {
      return await inTime(ref.catalog, ({ signal }, catalog) => catalog.loadTable(ref, { signal }))
    } catch (error) {
      unreadable.push({ place: ref, ...problemOf(services.log, error, asking) })
      return null
    }
  })
  const isOwn = ({ ref }: LoadedTable) => byName.get(ref.catalog)?.kind === 'embedded'
  return {
    ...onceEach(
      loaded.flatMap((table) => (table === null ? [] : [table])),
      isOwn,
    ),
    unreadable,
    unreachable: lake.unreachable,
    catalogCount: lake.catalogs.length,
    namespaceCount: lake.namespaces.length,
    isCut: lake.isCut || wanted.length > MAX_TABLES,
    inTime: ({ ref }, work) => inTime(ref.catalog, work),
  }
}

/**
 * A table may have several names: a connection leads to our own catalog, or it was registered twice. It is told by its
 * name in our own catalog, or else by its first.
 */
function onceEach(
  all: readonly LoadedTable[],
  isOwn: (table: LoadedTable) => boolean,
): Pick<LakeTables, 'tables' | 'repeated'> {
  const told = new Map<string, LoadedTable[]>()
  const repeated = new Map<LoadedTable, RepeatedTable>()
  for (const table of [...all.filter(isOwn), ...all.filter((one) => !isOwn(one))]) {
    const known = told.get(table.metadata.tableUuid) ?? []
    const same = known.find((one) => isOneHistory(one, table))
    if (same) repeated.set(table, { place: table.ref, countedAs: same.ref })
    else told.set(table.metadata.tableUuid, [...known, table])
  }
  return { tables: all.filter((table) => !repeated.has(table)), repeated: [...repeated.values()] }
}

/** One may have been read before a commit and the other after it. Copies that went different ways are two tables. */
function isOneHistory(a: LoadedTable, b: LoadedTable): boolean {
  const comesAfter = (later: LoadedTable, earlier: LoadedTable) =>
    later.metadata.metadataLog.some(({ metadataFile }) => metadataFile === earlier.metadataLocation)
  return a.metadataLocation === b.metadataLocation || comesAfter(a, b) || comesAfter(b, a)
}

/** What every answer from the whole lake says about how it was made. */
export function readingOf(
  { tables, repeated, unreadable, unreachable, isCut }: LakeTables,
  { nowMs }: Asking,
): LakeReading {
  return {
    readAtMs: nowMs,
    tableCount: tables.length,
    repeated: repeated.slice(0, MAX_TOLD),
    repeatedCount: repeated.length,
    unreadable: unreadable.slice(0, MAX_TOLD),
    unreadableCount: unreadable.length,
    unreachable,
    isCut,
  }
}

function isWithin(ref: TableRef, { catalog, namespace = [] }: Scope): boolean {
  return (catalog ?? ref.catalog) === ref.catalog && namespace.every((level, i) => ref.namespace[i] === level)
}
