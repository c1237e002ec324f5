import { UNKNOWN, ZERO } from '@/lib/facts/amounts'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import type { StorageCut } from '@/lib/facts/storage-cuts'
import { isRetained, type StoragePart } from '@/lib/facts/storage-part'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '@/server/db/database'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import type { WrittenFact } from '@/server/db/facts/fact-writers'
import { newHistoryChange } from '@/server/db/facts/histories'
import { DAY_MS } from '@/server/db/facts/sum-tables'
import { change } from '@/server/db/statement'
import type { Tables } from '@/server/db/tables'

/** Sizes of a part or a column, and by how much they changed on days: `[stored, encoded, plain]`. */
type Sizes = readonly number[]
type SizesByDay = { now: Sizes; days?: Readonly<Record<number, Sizes>> }

type StorageRows = {
  id: number
  table: TableIdentifier
  /** By the commits of the table. */
  totalBytes: number
  /** Null: the table was not measured yet. */
  storage: Partial<Tables['fact_storage']> | null
  parts?: { readonly [Part in StoragePart]?: SizesByDay }
  /** By how much commits changed its bytes on days, beyond what the days of `parts` say. */
  bytesByDay?: Readonly<Record<number, number>>
  /** By cut and name: `[stored, encoded, plain]`. */
  cuts?: { readonly [Cut in StorageCut]?: Readonly<Record<string, Sizes>> }
  /** By name; the first has the field 1. */
  columns?: Readonly<Record<string, SizesByDay & { codecs?: readonly string[] }>>
}

/** Writes the rows of a table as if it had been measured, and the commits that changed its bytes. */
export async function writeStorageRows(database: Database, rows: StorageRows): Promise<void> {
  const { id, table } = rows
  const parts = toEntries(rows.parts)
  const columns = Object.entries(rows.columns ?? {}).map(([name, sizes], index) => ({
    name,
    sizes,
    key: { table_id: id, field_id: index + 1 },
  }))
  const daysOf = ({ days = {} }: SizesByDay) =>
    Object.entries(days).map(([day, sizes]) => ({ period: Number(day), ...toColumns(sizes) }))
  const partDays = parts.flatMap(([part, sizes]) => daysOf(sizes).map((day) => ({ part, ...day })))
  const insert = <Name extends keyof Tables>(name: Name, values: readonly Tables[Name][]) =>
    values.map((one) => change(({ db }) => db.insertInto(name).values(one as never)))
  await database.commit([
    newHistoryChange({
      id,
      table,
      tableUuid: `u-${id}`,
      metadataLocation: `file:///${id}.json`,
      version: { properties: {} } as never,
      state: { ...EMPTY_HISTORY, total: { ...ZERO, bytes: rows.totalBytes } },
      droppedAtMs: null,
    }),
    ...addedFactChanges({ id, catalog: table.catalog }, { rows: toCommits(rows), events: [] }),
    ...(rows.storage === null ? [] : insert('fact_storage', [toStorageRow(id, rows.storage)])),
    ...insert(
      'fact_parts',
      parts.map(([part, { now }]) => ({ table_id: id, part, ...toColumns(now) })),
    ),
    ...insert(
      'fact_part_days',
      partDays.map((day) => ({ table_id: id, ...day })),
    ),
    ...partDays.map((day) =>
      change(({ db }) =>
        db
          .insertInto('fact_lake_part_days')
          .values({ catalog: table.catalog, ...day })
          .onConflict((conflict) =>
            conflict.columns(['period', 'catalog', 'part']).doUpdateSet((eb) => ({
              stored_bytes: eb('fact_lake_part_days.stored_bytes', '+', day.stored_bytes),
              encoded_bytes: eb('fact_lake_part_days.encoded_bytes', '+', day.encoded_bytes),
              plain_bytes: eb('fact_lake_part_days.plain_bytes', '+', day.plain_bytes),
            })),
          ),
      ),
    ),
    ...insert(
      'fact_column_sizes',
      columns.map(({ name, key, sizes: { now, codecs = ['zstd'] } }) => ({
        ...key,
        column_name: name,
        type: 'string',
        ...toColumns(now),
        is_estimated: 0,
        codecs: JSON.stringify(codecs.map((codec) => ({ codec, storedBytes: now[0] ?? 0 }))),
        encodings: '[]',
        dictionary: null,
      })),
    ),
    ...insert(
      'fact_storage_cuts',
      Object.entries(rows.cuts ?? {}).flatMap(([cut, sums]) =>
        Object.entries(sums).map(([name, sizes]) => ({ table_id: id, cut, name, ...toColumns(sizes) })),
      ),
    ),
    ...insert(
      'fact_column_days',
      columns.flatMap(({ key, sizes }) => daysOf(sizes).map((day) => ({ ...key, ...day }))),
    ),
  ])
}

function toEntries(parts: StorageRows['parts'] = {}): [StoragePart, SizesByDay][] {
  return Object.entries(parts) as [StoragePart, SizesByDay][]
}

function toColumns([stored = 0, encoded = 0, plain = 0]: Sizes) {
  return { stored_bytes: stored, encoded_bytes: encoded, plain_bytes: plain }
}

function toCommits({ parts = {}, bytesByDay = {} }: StorageRows): WrittenFact[] {
  const bytes = new Map(Object.entries(bytesByDay).map(([day, change]) => [Number(day), change]))
  for (const [part, { days = {} }] of toEntries(parts)) {
    if (isRetained(part)) continue
    for (const [day, [stored = 0]] of Object.entries(days))
      bytes.set(Number(day), (bytes.get(Number(day)) ?? 0) + stored)
  }
  return [...bytes].map(([day, change], index) =>
    toTestCommit({
      seq: index + 1,
      atMs: day * DAY_MS + 1,
      added: Math.max(0, change),
      removed: Math.max(0, -change),
    }),
  )
}

/** A commit of which only the bytes are known. */
export function toTestCommit({
  seq,
  atMs,
  operation = 'append',
  added,
  removed,
}: {
  seq: number
  atMs: number
  operation?: string
  added: number
  removed: number
}): WrittenFact {
  return {
    seq,
    kind: 'commit',
    atMs,
    statedAtMs: null,
    snapshotId: String(seq),
    enteredAtMs: null,
    operation,
    writer: null,
    committedBy: null,
    branch: null,
    reason: null,
    detail: null,
    added: { ...UNKNOWN, bytes: added },
    removed: { ...UNKNOWN, bytes: removed },
  }
}

function toStorageRow(id: number, row: Partial<Tables['fact_storage']>): Tables['fact_storage'] {
  return {
    table_id: id,
    revision: 1,
    metadata_location: `file:///${id}.json`,
    measured_at_ms: 1,
    retry_at_ms: null,
    period: 0,
    data_files: 1,
    read_files: 1,
    unreadable_files: 0,
    other_format_files: 0,
    is_estimated: 0,
    column_count: 1,
    codec: null,
    target_file_bytes: null,
    as_set_bytes: null,
    set_bytes: null,
    problem: null,
    ...row,
  }
}
