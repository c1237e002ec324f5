import 'server-only'
import pMap from 'p-map'
import type { ColumnCompression, Compression, TableCompression } from '@/lib/contract/dashboards'
import { CODEC_PROPERTY } from '@/lib/iceberg/properties/compression'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { bytesByCodec } from '../sizes/codec-bytes'
import { toColumnCompression } from '../sizes/column-compression'
import { toLakeCommits } from '../lake/lake-commits'
import { type RequestContext, loadLake, toLakeReading, type Scope } from '../lake/lake-tables'
import { toProblem } from '../lake/to-problem'
import { currentSnapshot } from '../sizes/snapshot-totals'
import type { Span } from '../span'
import { readStorageHistory } from './storage-history'
import { countMeasuredFiles, readLiveSizes, sumPairedSizes, type TableSizes } from '../sizes/table-sizes'

const CONCURRENCY = 4
const MAX_COLUMNS = 200

type TableReading = { tableCompression: TableCompression; columns: ColumnCompression[]; sizes: TableSizes }

/** How well the lake is compressed, now and over a span of time. */
export async function readCompression(
  services: MetricsServices,
  actor: Actor,
  { scope, span }: { scope: Scope; span: Span },
  context: RequestContext,
): Promise<Compression> {
  const lake = await loadLake(services, actor, scope, context)
  const results: ({ table: LoadedTable } & TableReading)[] = []
  await pMap(
    lake.tables,
    async (table) => {
      try {
        results.push({
          table,
          ...(await lake.withinBudget(table, (boundedContext) =>
            readTableCompression(services, table, boundedContext),
          )),
        })
      } catch (error) {
        lake.unreadable.push({ table: table.identifier, ...toProblem(services.log, error, context) })
      }
    },
    { concurrency: CONCURRENCY },
  )
  const columns = results.flatMap((result) => result.columns).sort((a, b) => b.storedBytes - a.storedBytes)
  return {
    ...toLakeReading({ ...lake, tables: results.map(({ table }) => table) }, context),
    files: countMeasuredFiles(results.map(({ sizes }) => sizes)),
    tables: results.map(({ tableCompression }) => tableCompression).sort((a, b) => b.storedBytes - a.storedBytes),
    columns: columns.slice(0, MAX_COLUMNS),
    columnCount: columns.length,
    input: sumInput(results.map(({ table }) => table)),
    history: await readStorageHistory(
      services,
      { tables: results.map(({ table }) => table), withinBudget: lake.withinBudget },
      span,
      context,
    ),
  }
}

async function readTableCompression(
  services: Pick<MetricsServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  context: RequestContext,
): Promise<TableReading> {
  const sizes = await readLiveSizes(services, table, currentSnapshot(table.metadata), context)
  const { measured, unknownCount, plainBytes, encodedBytes, storedBytes, isEstimated } = sizes
  return {
    tableCompression: {
      table: table.identifier,
      configuredCodec: table.metadata.properties[CODEC_PROPERTY]?.toLowerCase() ?? null,
      plainBytes,
      encodedBytes,
      storedBytes,
      compared: sumPairedSizes(measured),
      isEstimated,
      fileCount: measured.length + unknownCount,
      unknownCount,
      codecs: bytesByCodec(measured, table.metadata),
    },
    columns: toColumnCompression(table, measured),
    sizes,
  }
}

function sumInput(tables: readonly LoadedTable[]): Compression['input'] {
  const commits = tables.flatMap((table) => toLakeCommits(table))
  const inputSizes = commits.flatMap(({ inputBytes }) => (inputBytes === null ? [] : [inputBytes]))
  return {
    bytes: inputSizes.reduce((sum, bytes) => sum + bytes, 0),
    commits: inputSizes.length,
    totalCommits: commits.length,
  }
}
