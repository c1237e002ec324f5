import 'server-only'
import { stat } from 'node:fs/promises'
import { openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { registerBucketFunction } from '@/server/data-files/write/bucket-function'
import { requireWritable } from '@/server/data-files/write/writable-columns'
import { translateError } from '../input/load-input'
import type { StageRequest, StageResult } from '../stage-request'
import { chooseStrategies, toStagingFacts } from './choose-strategies'
import { type OnProgress, Staging } from './staging'

/**
 * Turns one input into finished Parquet files in the staging folder. If the table is not partitioned, rows stream from
 * the input into one file. Otherwise, and as soon as a row does not fit, they stream into an intermediate file
 * (`StagedRows`): there every misfit is found, and each partition is written from it. Data that grows with the input is
 * on disk, so the memory of a run is bounded.
 *
 * @throws {AppError} rows-rejected when more rows do not fit than may be rejected; the rejects file lists them
 * @throws {AppError} invalid-request, not-supported, file-damaged, too-large; only the staging folder was touched
 */
export async function stageInput(request: StageRequest, onProgress: OnProgress = () => {}): Promise<StageResult> {
  requireWritable(request.schema)
  const { size: inputBytes } = await stat(request.input.path)
  const session = await openDuckdbSession(
    { inputPath: request.input.path, stagingDir: request.stagingDir },
    request.limits,
  )
  const staging = new Staging(request, session, inputBytes, onProgress)
  try {
    for (const { bucket } of staging.partitionColumns) if (bucket) registerBucketFunction(session.connection, bucket)
    for (const strategy of chooseStrategies(toStagingFacts(staging))) {
      const result = await strategy.stage(staging)
      if (result !== null) return result
    }
    throw new Error('no strategy staged the input')
  } catch (error) {
    throw translateError(error)
  } finally {
    session.close()
  }
}
