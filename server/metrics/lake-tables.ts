import 'server-only'
import { inParallel } from '@/lib/in-parallel'
import type { LakeReading, UnreachableCatalog } from '@/lib/contract/lake'
import type { ProblemInPlace } from '@/lib/contract/problem-in-place'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { walkLake } from './lake-walk'
import { problemOf } from './problem-of'

/** Tables one answer is made from; a larger lake is cut, and the answer says so. */
const MAX_TABLES = 1_000
const AT_A_TIME = 8
/** Failures one answer tells of one by one. */
const MAX_TOLD = 50

export type Asking = { signal: AbortSignal; requestId: string; nowMs: number }
export type Scope = { catalog?: string | undefined; namespace?: Namespace | undefined }

export type LakeTables = {
  tables: LoadedTable[]
  unreadable: (ProblemInPlace & { place: TableRef })[]
  unreachable: UnreachableCatalog[]
  catalogCount: number
  namespaceCount: number
  isCut: boolean
  /** Reads of a table's files, from what is left of the time for its catalog. */
  inTime: <Result>(table: LoadedTable, work: (asking: Asking) => Promise<Result>) => Promise<Result>
}

/** Every table the actor may read, loaded; those that cannot be are told, never left out in silence. */
export async function loadLake(actor: Actor, scope: Scope, asking: Asking): Promise<LakeTables> {
  const lake = await walkLake(actor, { ...asking, only: scope.catalog })
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
      unreadable.push({ place: ref, ...problemOf(error, asking) })
      return null
    }
  })
  return {
    tables: loaded.flatMap((table) => (table === null ? [] : [table])),
    unreadable,
    unreachable: lake.unreachable,
    catalogCount: lake.catalogs.length,
    namespaceCount: lake.namespaces.length,
    isCut: lake.isCut || wanted.length > MAX_TABLES,
    inTime: ({ ref }, work) => inTime(ref.catalog, work),
  }
}

/** What every answer from the whole lake says about how it was made. */
export function readingOf({ tables, unreadable, unreachable, isCut }: LakeTables, { nowMs }: Asking): LakeReading {
  return {
    readAtMs: nowMs,
    tableCount: tables.length,
    unreadable: unreadable.slice(0, MAX_TOLD),
    unreadableCount: unreadable.length,
    unreachable,
    isCut,
  }
}

function isWithin(ref: TableRef, { catalog, namespace = [] }: Scope): boolean {
  return (catalog ?? ref.catalog) === ref.catalog && namespace.every((level, i) => ref.namespace[i] === level)
}
