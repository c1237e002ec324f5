import 'server-only'
import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { MAX_SAMPLED_PARTITIONS, MAX_SAMPLED_REJECTS, type LoadSample } from '@/lib/contract/loads/load-sample'
import { AppError } from '@/lib/errors'
import { partitionLabel, type PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import type { Schema } from '@/lib/iceberg/schema/types'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import type { ColumnRule } from '@/lib/rules/column-rules'
import { sum } from '@/lib/sum'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { clock } from '@/server/timing/clock'
import { limitsForColumns } from '../input/column-limits'
import type { Reject } from '../input/rejects'
import type { IngestSpec } from '../run/ingest-spec'
import type { RunStage } from '../run/run-child'
import { copySample, type SampleCopy, type SampleJump } from './copy-sample'
import type { PreviewedInput } from './previewed-input'

/** A longer one would be of no use to a form. */
const MAX_SAMPLE_MS = 60_000
const LIMITS: DuckdbLimits = { memoryMiB: 256, threads: 1, tempMiB: 512 }

type SampledLoad = {
  userId: string
  schema: Schema
  spec: PartitionSpec
  /** Null if the rows are not sorted. */
  sortOrder: SortOrder | null
  properties: Readonly<Record<string, string>>
  rules: readonly ColumnRule[]
  input: PreviewedInput
  options: Pick<IngestSpec, 'format' | 'ignoreExtra' | 'csv' | 'mapping'>
}

/**
 * Writes a sample from all over a file as a load would, into a folder that is removed, and returns its rejects and the
 * partitions of its rows. Changes nothing.
 *
 * @throws {AppError} not-supported for a file that has no sample, too-large for one that takes more than a minute; and
 *   what stops a load
 */
export async function sampleLoad(
  runStage: RunStage,
  { userId, schema, spec, sortOrder, properties, rules, input, options }: SampledLoad,
  requestSignal: AbortSignal,
): Promise<LoadSample> {
  const signal = AbortSignal.any([requestSignal, clock.deadline(MAX_SAMPLE_MS)])
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-sample-'))
  try {
    const { format, csv, ignoreExtra, mapping = BY_NAME } = options
    const columnNames = new Set(schema.fields.map(({ name }) => name))
    const copy = await copySample(input, { format, csv, columnNames }, { folder, signal })
    const [stagingDir, keysDir] = [path.join(folder, 'staged'), path.join(folder, 'keys')]
    await Promise.all([mkdir(stagingDir), mkdir(keysDir)])
    const rejectsFile = path.join(folder, 'rejects.ndjson')
    const staged = await runStage(
      {
        input: {
          path: copy.path,
          name: input.name,
          pathValues: input.pathValues,
          format,
          ignoreExtra,
          csv: copy.csv,
          mapping,
          loadedAtMs: clock.nowMs(),
        },
        schema,
        spec,
        sortOrder,
        rules,
        stagingDir,
        limits: limitsForColumns(LIMITS, schema.fields.length),
        keyFiles: { folder: keysDir, earlierNames: [] },
        rejects: { file: rejectsFile, location: '', recordsFile: path.join(folder, 'records') },
        maxRejectedRows: Number.MAX_SAFE_INTEGER,
        // The preview asks, and the load stops for it.
        allowAmbiguousNumbers: true,
        fileStem: 'sample',
        // The load itself logs settings that it cannot use.
        write: parseWriteSettings(properties, schema, () => {}),
      },
      { userId, signal, onProgress: () => {} },
    )
    return {
      from: copy.from,
      inputBytes: copy.inputBytes,
      rowsRead: staged.rowsRead,
      rowsRejected: staged.rowsRejected,
      ...(await readRejects(rejectsFile, copy)),
      ...describePartitions(staged.files, spec, schema),
    }
  } catch (error) {
    if (!signal.aborted || requestSignal.aborted) throw error
    throw new AppError('too-large', `A sample of ${input.name} could not be read within a minute.`, { cause: error })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type SavedReject = Pick<Reject, 'line' | 'record' | 'column' | 'value' | 'reason'> & { isByRecord?: true }

async function readRejects(
  file: string,
  { jumps }: SampleCopy,
): Promise<Pick<LoadSample, 'rejects' | 'rejectedColumns'>> {
  if (!existsSync(file)) return { rejects: [], rejectedColumns: [] }
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  const found = lines.map((line): SavedReject => JSON.parse(line))
  const counts = Map.groupBy(found, ({ column }) => column)
  return {
    rejects: found.slice(0, MAX_SAMPLED_REJECTS).map(({ line, record, isByRecord, column, value, reason }) => {
      const jump = jumps.findLast((one) => one.line <= line)
      const position = jump === undefined ? { line, afterByte: null } : estimatePosition(jump, line)
      return { ...position, ...(isByRecord === true && { record }), column, value, reason }
    }),
    rejectedColumns: Array.from(counts, ([column, { length }]) => ({ column, count: length })),
  }
}

/** @param line of the copy */
function estimatePosition(jump: SampleJump, line: number): { line: number; afterByte: number } {
  return { line: jump.aboutLine + line - jump.line, afterByte: jump.byte }
}

/** The partitions with the most rows, in the order of their labels; of an unpartitioned table its one. */
function describePartitions(
  files: readonly StagedFile[],
  spec: PartitionSpec,
  schema: Schema,
): Pick<LoadSample, 'partitions' | 'partitionCount' | 'storedBytes' | 'footerBytes'> {
  const groups = Map.groupBy(files, ({ partition }) => partitionLabel(spec, schema, partition))
  const all = Array.from(groups, ([label, found]) => ({
    label,
    rowCount: sum(found.map(({ recordCount }) => recordCount)),
    storedBytes: sum(found.map(({ sizes }) => sizes.storedBytes)),
  }))
  const largest = all.toSorted((a, b) => b.rowCount - a.rowCount).slice(0, MAX_SAMPLED_PARTITIONS)
  return {
    partitions: largest.toSorted((a, b) => (a.label < b.label ? -1 : 1)),
    partitionCount: all.length,
    storedBytes: sum(all.map(({ storedBytes }) => storedBytes)),
    footerBytes: sum(files.map(({ fileSizeBytes, sizes }) => fileSizeBytes - sizes.storedBytes)),
  }
}
