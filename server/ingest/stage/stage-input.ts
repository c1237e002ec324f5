import 'server-only'
import { stat } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import { openDuckdbSession, type OpenSession } from '@/server/data-files/duckdb/duckdb-session'
import { registerBucketFunction } from '@/server/data-files/write/bucket-function'
import { requireWritable } from '@/server/data-files/write/writable-columns'
import type { ChunkLane } from '@/server/parquet/transcode/thread/chunk-lane'
import { withExactPath } from '../input/exact-path'
import { translateError } from '../input/translate-error'
import { unpackInput } from '../input/unpack-input'
import { explainMemory } from '../parquet/large-page'
import { requireClearNumbers } from '../readings/number-question'
import { NO_PROGRESS, type StageRequest, type StageResult } from '../stage-request'
import { chooseStrategies, toStagingFacts } from './choose-strategies'
import { requirePatterns } from './require-patterns'
import { type OnProgress, Staging } from './staging'

export type StageInputOptions = { lane?: ChunkLane | null; openSession?: OpenSession }

/**
 * Turns one input into finished Parquet files in the staging folder. If the table is not partitioned, rows stream from
 * the input into one file. Otherwise, and as soon as a row does not fit, they stream into an intermediate file
 * (`StagedRows`): there every misfit is found, and each partition is written from it. Data that grows with the input is
 * on disk, so the memory of a run is bounded.
 *
 * @param options.lane a thread that encodes some of the columns of a large file
 * @throws {AppError} rows-rejected when more rows do not fit than may be rejected; the rejects file lists them
 * @throws {AppError} invalid-request, not-supported, file-damaged, too-large; only the staging folder was touched
 */
export async function stageInput(
  request: StageRequest,
  onProgress: OnProgress = () => {},
  { lane = null, openSession = openDuckdbSession }: StageInputOptions = {},
): Promise<StageResult> {
  requireWritable(request.schema)
  const { size: inputBytes } = await stat(request.input.path)
  const unpacked = await withExactPath(
    await unpackInput(request, {
      onProgress: (bytesRead) => onProgress({ phase: 'unpacking', ...NO_PROGRESS, bytesRead }),
    }),
  )
  const { input, stagingDir, limits } = unpacked
  const { size: plainBytes } = await stat(input.path)
  const sharedDir = request.keyFiles.folder
  const session = await openSession({ inputPath: input.path, stagingDir, sharedDir }, limits)
  const staging = new Staging(unpacked, session, { inputBytes, plainBytes, lane, onProgress })
  try {
    await requirePatterns(session, request.rules)
    if (!request.allowAmbiguousNumbers) await requireClearNumbers(session, unpacked)
    const buckets = [
      ...staging.partitionColumns.flatMap(({ bucket }) => bucket ?? []),
      ...(staging.sort?.buckets ?? []),
    ]
    for (const bucket of buckets) registerBucketFunction(session.connection, bucket)
    for (const strategy of chooseStrategies(toStagingFacts(staging))) {
      const result = await strategy.stage(staging)
      if (result === null) continue
      // The last files may not be reported yet.
      staging.report({})
      return { ...result, way: strategy.way }
    }
    throw new Error('no strategy staged the input')
  } catch (error) {
    const translated = translateError(error, input)
    const isMemory = translated instanceof AppError && translated.code === 'too-large'
    throw isMemory && input.format === 'parquet' ? await explainMemory(translated, input.path) : translated
  } finally {
    session.close()
  }
}
