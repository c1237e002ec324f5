import 'server-only'
import type { z } from 'zod'
import type { LayoutSimulation, SimulatedLayout, simulateLayouts, Sortedness } from '@/lib/contract/table/layout'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { AppError } from '@/lib/errors'
import { decodeInTurns, type DecodeSteps } from '@/lib/iceberg/avro/decode-steps'
import type { BoundsTally } from '@/lib/layout/bounds-overlap'
import { estimateLayout } from '@/lib/layout/estimate-layout'
import { type CellSummary, largestCells, MAX_LISTED, summarizeCells } from '@/lib/layout/layout-estimate'
import { type LayoutField, layoutFields, layoutLabel, layoutValuesLabel } from '@/lib/layout/layout-field'
import { sampleCells } from '@/lib/layout/layout-sample'
import type { LayoutTally } from '@/lib/layout/layout-tally'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import { currentSchema, defaultSpecLabel } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type PartitionSpec, specLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { targetFileSize } from '@/lib/iceberg/properties/target-file-size'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Schema } from '@/lib/iceberg/schema/types'
import { listEntries } from '@/lib/scan/metadata-tables/manifest-sequence'
import { type ManifestLayout, readDeleteIndex, readManifestLayout } from '@/lib/scan/plan/manifest-layout'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { cacheScope, createManifestSource, describePartitions } from '../files/live-files'
import { resolveRequestedState } from '../requested-state'
import { drawsOf, LayoutTallies, requireFewFiles, todayCells } from './layout-tallies'
import { readReportedFilters } from './reported-filters'
import { type ReadBlock, readLayoutSample } from './read-layout-sample'

type Input = z.output<typeof simulateLayouts.input>
type Context = { userId: string; signal: AbortSignal }
type SimulationServices = Pick<TableServices, 'database' | 'manifestCache' | 'rowStreams' | 'startRowThread'>

/**
 * Adds up the live files of a snapshot by the layouts they would have, and samples rows of those whose manifests leave
 * it open. Manifests are read once, a few at a time.
 *
 * @throws {AppError} invalid-request for columns and transforms that do not fit; too-large for too many files; as
 * `resolveRequestedState` and `readManifestLayout` do
 */
export async function readLayoutSimulation(
  services: SimulationServices,
  table: LoadedTable,
  input: Input,
  { userId, signal }: Context,
): Promise<LayoutSimulation> {
  const { metadata, store } = table
  const { snapshot } = resolveRequestedState(metadata, asOfFromInput(input), services.database.nowMs())
  const schema = currentSchema(metadata)
  const candidates = input.candidates.map(({ fields }) => layoutFields(fields, schema))
  const sortColumns = findSortColumns(input.sortColumns, schema)
  const source = createManifestSource(services.manifestCache, table, { store, signal })
  const plans = services.manifestCache.plansFor(cacheScope(table))
  const layout = await readManifestLayout({ metadata, snapshot }, source, plans.layouts)
  requireFewFiles(layout)
  const { takeTurns } = services.manifestCache
  const deletes =
    layout.deleteFileCount === 0 ? null : await readDeleteIndex({ metadata, snapshot }, layout, source, plans.deletes)
  const draws = drawsOf(layout, snapshot?.snapshotId ?? '')
  const tallies = new LayoutTallies(metadata, candidates, sortColumns, draws)
  const manifests = layout.manifests.map(({ manifest }) => manifest)
  for await (const { entry } of listEntries({ metadata, source }, manifests))
    if (entry.status !== 'deleted') tallies.add(entry, deletes)
  const inTurns = <Result>(steps: DecodeSteps<Result>) => decodeInTurns(steps, takeTurns)

  const sample = await readSample(services, table, tallies, { schema, userId, signal })
  const specs = listSpecs(metadata, tallies, layout)
  const dataBytes = specs.reduce((sum, spec) => sum + spec.dataBytes, 0)
  const target = targetFileSize(metadata.properties)
  const rowsPerFile = dataBytes === 0 ? Number.POSITIVE_INFINITY : (target.targetBytes * tallies.rowCount) / dataBytes
  const simulated: SimulatedLayout[] = []
  for (const [i, tally] of tallies.candidates.entries())
    simulated.push(
      await inTurns(simulate(tally, sample.problem === null ? blocksOf(sample.blocks, i) : null, rowsPerFile)),
    )
  const sortedness: Sortedness[] = []
  for (const [i, column] of sortColumns.entries()) {
    const tally = tallies.sorted[i]
    if (tally) sortedness.push(await inTurns(describeOverlap(column, tally)))
  }
  return {
    snapshotId: snapshot?.snapshotId ?? null,
    rowCount: tallies.rowCount,
    dataFileCount: layout.fileCount,
    dataBytes,
    deleteFileCount: layout.deleteFileCount,
    ...target,
    specs,
    current: await inTurns(describeToday(metadata, tallies, { layout, rowsPerFile })),
    candidates: simulated,
    sample: {
      rowCount: sample.rowCount,
      fileCount: sample.fileCount,
      isEveryRow: sample.isEveryRow,
      problem: sample.problem,
    },
    sortedness,
    scans: await readReportedFilters(services.database, table.identifier, takeTurns),
  }
}

type SortColumn = { fieldId: number; column: string; type: PrimitiveType }

/** @throws {AppError} invalid-request */
function findSortColumns(ids: readonly number[], schema: Schema): SortColumn[] {
  const fields = indexFields(schema)
  return ids.map((fieldId) => {
    const found = fields.get(fieldId)
    if (!found || found.isRepeated || typeof found.field.type !== 'string') {
      throw new AppError('invalid-request', `Rows cannot be sorted by the column ${fieldId}.`, { facts: { fieldId } })
    }
    return { fieldId, column: found.path.join('.'), type: found.field.type }
  })
}

type Sample = {
  blocks: readonly ReadBlock[]
  rowCount: number
  fileCount: number
  /** Whether the blocks have all rows of the files. */
  isEveryRow: boolean
  problem: string | null
}

const NO_SAMPLE: Sample = { blocks: [], rowCount: 0, fileCount: 0, isEveryRow: false, problem: null }

/** Without a sample the limits from manifests apply, so a failure to sample is reported, not thrown. */
async function readSample(
  services: SimulationServices,
  table: LoadedTable,
  { sampledFiles, candidates }: LayoutTallies,
  { schema, userId, signal }: { schema: Schema; userId: string; signal: AbortSignal },
): Promise<Sample> {
  if (sampledFiles.length === 0) return NO_SAMPLE
  const isNeeded = (_: LayoutTally, i: number) => sampledFiles.some(({ isSpannedBy }) => isSpannedBy[i])
  const fields = candidates.filter(isNeeded).flatMap((tally): readonly LayoutField[] => tally.fields)
  try {
    const blocks = await readLayoutSample(services, table, sampledFiles, { fields, schema, userId, signal })
    const distinct = new Set(blocks.map(({ block }) => block))
    const rowCount = [...distinct].reduce((sum, block) => sum + block.rowCount, 0)
    const fileRows = sampledFiles.reduce((sum, { task }) => sum + task.recordCount, 0)
    return { blocks, rowCount, fileCount: sampledFiles.length, isEveryRow: rowCount === fileRows, problem: null }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AppError)) throw error
    const location = error.facts['location'] ?? error.facts['file']
    const problem = typeof location === 'string' ? `${error.message} (${location})` : error.message
    return { ...NO_SAMPLE, problem }
  }
}

function blocksOf(blocks: readonly ReadBlock[], candidate: number) {
  return blocks.filter(({ file }) => file.isSpannedBy[candidate]).map(({ block }) => block)
}

function* simulate(
  tally: LayoutTally,
  blocks: ReturnType<typeof blocksOf> | null,
  rowsPerFile: number,
): DecodeSteps<SimulatedLayout> {
  const sample = blocks === null ? null : yield* sampleCells(tally.fields, blocks)
  const { knownCount, listed, ...estimate } = yield* estimateLayout(tally, sample, rowsPerFile)
  return {
    label: layoutLabel(tally.fields),
    ...estimate,
    listed: listed.map(({ values, rows }) => ({ label: layoutValuesLabel(tally.fields, values), rows })),
    isListComplete: listed.length === knownCount && estimate.partitions.high <= knownCount,
    sampledRows: sample?.rowCount ?? 0,
  }
}

function* describeToday(
  metadata: TableMetadata,
  tallies: LayoutTallies,
  { layout, rowsPerFile }: { layout: ManifestLayout; rowsPerFile: number },
): DecodeSteps<SimulatedLayout> {
  const cells = todayCells(tallies)
  const unlisted = { maxCount: 0, estimatedCount: 0, minCount: 0, maxRows: 0 }
  const summary: CellSummary = yield* summarizeCells(cells, unlisted, {
    rows: tallies.rowCount,
    deletableRows: 0,
    rowsPerFile,
  })
  const { knownCount, ...figures } = summary
  const describePartition = describePartitions(metadata)
  const largest = yield* largestCells(cells)
  return {
    label: storedLabel(metadata, tallies),
    ...figures,
    files: { low: layout.fileCount, estimate: layout.fileCount, high: layout.fileCount },
    listed: largest
      .map(({ file, rows }) => ({ label: describePartition(file).partitionLabel, rows }))
      .toSorted((a, b) => (a.label < b.label ? -1 : Number(a.label > b.label))),
    isListComplete: knownCount <= MAX_LISTED,
    exactRows: tallies.rowCount,
    spannedRows: 0,
    unboundedRows: 0,
    sampledRows: 0,
    isEveryRowRead: false,
  }
}

/** The specs of the files, which may be older than the one for new files. */
function storedLabel(metadata: TableMetadata, { specs }: LayoutTallies): string {
  const held = metadata.partitionSpecs.filter(({ specId }) => (specs.get(specId)?.dataFileCount ?? 0) > 0)
  if (held.length === 0) return defaultSpecLabel(metadata)
  const labels = held.map((spec) => labelOfSpec(metadata, spec))
  return labels.length === 1 ? labels.join('') : labels.map((label) => label || 'unpartitioned').join(' and ')
}

function labelOfSpec(metadata: TableMetadata, spec: PartitionSpec): string {
  const schema = schemaForSpec(spec, metadata.schemas)
  return schema === null ? '' : specLabel(spec, schema)
}

function listSpecs(
  metadata: TableMetadata,
  { specs }: LayoutTallies,
  layout: ManifestLayout,
): LayoutSimulation['specs'] {
  const deleteFiles = new Map<number, number>()
  for (const { partitionSpecId, addedFilesCount, existingFilesCount } of layout.deleteManifests) {
    const count = (addedFilesCount ?? 0) + (existingFilesCount ?? 0)
    deleteFiles.set(partitionSpecId, (deleteFiles.get(partitionSpecId) ?? 0) + count)
  }
  return metadata.partitionSpecs
    .map((spec) => {
      const held = specs.get(spec.specId) ?? { dataFileCount: 0, rowCount: 0, dataBytes: 0 }
      return {
        specId: spec.specId,
        label: labelOfSpec(metadata, spec),
        isCurrent: spec.specId === metadata.defaultSpecId,
        ...held,
        deleteFileCount: deleteFiles.get(spec.specId) ?? 0,
      }
    })
    .toSorted((a, b) => b.specId - a.specId)
}

const MAX_BOUND_CHARS = 60

function* describeOverlap({ fieldId, column, type }: SortColumn, tally: BoundsTally): DecodeSteps<Sortedness> {
  const { drawn, ...overlap } = yield* tally.finish()
  return {
    fieldId,
    column,
    ...overlap,
    exampleFiles: drawn.map(({ lower, upper, ...drawnFile }) => ({
      ...drawnFile,
      lower: formatValue(type, lower).slice(0, MAX_BOUND_CHARS),
      upper: formatValue(type, upper).slice(0, MAX_BOUND_CHARS),
    })),
  }
}
