import 'server-only'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { columnCompression, compressionLabel } from '@/lib/iceberg/properties/column-compression'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { CODEC_PROPERTY, isSameCompression } from '@/lib/iceberg/properties/compression'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { sum } from '@/lib/sum'
import { runActor } from '@/server/jobs/run-actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Run } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { type FileLayout, layoutOf } from '@/server/parquet/transcode/column-layout'
import { readLiveFiles } from '@/server/table/files/live-files'
import { currentSnapshot } from '../../sizes/snapshot-totals'
import { openDataFile } from '../../../data-files/open-data-file'
import { spreadEvenly } from '../spread-evenly'
import { requireLeaf, trialSpec } from './queued-trials'
import { samplePages } from './sample-pages'
import { type Candidate, CANDIDATES, tryCodec } from './try-codec'

const MAX_FILES = 16

type TrialServices = Pick<MetricsServices, 'catalogs' | 'database' | 'manifestCache'>

/** Trials read pages and change nothing, so there is nothing to clean up. */
export function trialRuns(services: TrialServices): RunKind<'compression-trial'> {
  return {
    maxConcurrent: 1,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable'],
    work: (run, context) => runTrial(services, run, context),
    settle: async () => null,
    tidy: async () => {},
  }
}

async function runTrial(
  services: TrialServices,
  run: Run,
  context: RunContext<'compression-trial'>,
): Promise<JsonObject> {
  const { signal } = context
  if (run.table === null) throw new AppError('invalid-request', 'A trial of codecs must name a table.')
  const actor = await runActor(services.database, run, [{ permission: 'table:write', resource: run.table }])
  const catalog = await services.catalogs.open(run.table.catalog, actor)
  const table = await catalog.loadTable(run.table, { signal })
  const { fieldId } = trialSpec.parse(run.spec)
  const { path } = requireLeaf(table, fieldId)
  const nameMapping = readNameMapping(table.metadata.properties)
  const column = { fieldId, path, nameMapping, layout: layoutOf(rewrittenLayout(table), fieldId) }
  context.report({ phase: 'sampling', done: 0, total: null, unit: 'codecs', counters: {} })
  const { files, isComplete: isEveryFile } = await openFiles(services, table, signal)
  const { pages, fileNames, isComplete } = await samplePages(files, column, signal)
  const encodedBytes = sum(pages.flatMap(({ parts }) => parts.map(({ body }) => body.length)))
  context.log(
    `${formatQuantity(pages.length, 'page')} of ${formatQuantity(fileNames.length, 'file')}, ${formatBytes(encodedBytes)} before compression.`,
  )
  const trials = []
  const candidates = candidatesWith(columnCompression(table.metadata.properties, fieldId))
  for (const [i, candidate] of candidates.entries()) {
    context.report({ phase: 'trying', done: i, total: candidates.length, unit: 'codecs', counters: {} })
    const trial = await tryCodec({ pages, isComplete: isComplete && isEveryFile }, candidate, { signal })
    if (trial.encodedBytes < encodedBytes) {
      context.log(
        `${compressionLabel(candidate)} took too long: it was tried on ${formatBytes(trial.encodedBytes)} only.`,
      )
    }
    trials.push(trial)
  }
  return {
    fieldId,
    fileCount: fileNames.length,
    sampled: { snapshotId: table.metadata.currentSnapshotId, filePaths: [...fileNames] },
    pageCount: pages.length,
    encodedBytes,
    storedBytes: sum(pages.map(({ storedBytes }) => storedBytes)),
    trials,
  }
}

/** The pages that a rewrite writes. A table's codec that Lakeshore cannot write does not matter to trials of others. */
function rewrittenLayout({ metadata }: LoadedTable): FileLayout {
  const properties = { ...metadata.properties, [CODEC_PROPERTY]: 'zstd' }
  return parseWriteSettings(properties, currentSchema(metadata), () => {}).layout
}

/** The candidates of every trial, and the codec that is set. */
function candidatesWith({ codec, level }: { codec: Candidate['codec'] | null; level: number | null }): Candidate[] {
  const isKnown = CANDIDATES.some((candidate) => isSameCompression(candidate, { codec, level }))
  return codec === null || isKnown ? [...CANDIDATES] : [...CANDIDATES, { codec, level }]
}

async function openFiles(
  { manifestCache }: TrialServices,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<{ files: ByteSource[]; isComplete: boolean }> {
  const { store, metadata } = table
  const live = await readLiveFiles(manifestCache, table, currentSnapshot(metadata), { store, signal })
  const parquet = live.filter(({ dataFile }) => dataFile.content === 'data' && dataFile.fileFormat === 'parquet')
  const files = []
  for (const { dataFile } of spreadEvenly(parquet, MAX_FILES)) {
    files.push(await openDataFile(store, dataFile.filePath, signal))
  }
  return { files, isComplete: files.length === parquet.length }
}
