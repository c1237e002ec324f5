import 'server-only'
import { inParallel } from '@/lib/in-parallel'
import type { ColumnCompression, Compression, TableCompression } from '@/lib/contract/dashboards'
import { CODEC_PROPERTY } from '@/lib/iceberg/compression'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { Services } from '@/server/services'
import { bytesByCodec } from './codec-bytes'
import { columnsOf } from './columns'
import { commitsOf } from './commits'
import { type Asking, loadLake, readingOf, type Scope } from './lake-tables'
import { problemOf } from './problem-of'
import { currentSnapshotOf } from './snapshot-totals'
import type { Span } from './span'
import { storageHistory } from './storage-history'
import { liveSizes } from './table-sizes'

const AT_A_TIME = 4
const MAX_COLUMNS = 200

/** How the lake is stored, now and over a span of time. */
export async function compression(
  services: Services,
  actor: Actor,
  { scope, span }: { scope: Scope; span: Span },
  asking: Asking,
): Promise<Compression> {
  const lake = await loadLake(services, actor, scope, asking)
  const read: { table: LoadedTable; told: TableCompression; columns: ColumnCompression[] }[] = []
  await inParallel(lake.tables, AT_A_TIME, async (table) => {
    try {
      read.push({ table, ...(await lake.inTime(table, (bounded) => storedOf(services, table, bounded))) })
    } catch (error) {
      lake.unreadable.push({ place: table.ref, ...problemOf(services.log, error, asking) })
    }
  })
  const columns = read.flatMap((one) => one.columns).sort((a, b) => b.storedBytes - a.storedBytes)
  return {
    ...readingOf({ ...lake, tables: read.map(({ table }) => table) }, asking),
    tables: read.map(({ told }) => told).sort((a, b) => b.storedBytes - a.storedBytes),
    columns: columns.slice(0, MAX_COLUMNS),
    columnCount: columns.length,
    input: inputOf(read.map(({ table }) => table)),
    history: await storageHistory(
      services,
      { tables: read.map(({ table }) => table), inTime: lake.inTime },
      span,
      asking,
    ),
  }
}

async function storedOf(
  services: Pick<Services, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asking: Asking,
): Promise<{ told: TableCompression; columns: ColumnCompression[] }> {
  const sizes = await liveSizes(services, table, currentSnapshotOf(table.metadata), asking)
  const { measured, unknownCount, plainBytes, encodedBytes, storedBytes, isEstimated } = sizes
  return {
    told: {
      place: table.ref,
      setCodec: table.metadata.properties[CODEC_PROPERTY]?.toLowerCase() ?? null,
      plainBytes,
      encodedBytes,
      storedBytes,
      isEstimated,
      fileCount: measured.length + unknownCount,
      unknownCount,
      codecs: bytesByCodec(measured, table.metadata),
    },
    columns: columnsOf(table, measured),
  }
}

function inputOf(tables: readonly LoadedTable[]): Compression['input'] {
  const commits = tables.flatMap(commitsOf)
  const told = commits.flatMap(({ inputBytes }) => (inputBytes === null ? [] : [inputBytes]))
  return { bytes: told.reduce((sum, bytes) => sum + bytes, 0), commits: told.length, ofCommits: commits.length }
}
