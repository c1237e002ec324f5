import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { monotonicFactory } from 'ulid'
import type { Value } from '@/lib/iceberg/schema/types'
import { measureFile } from '@/server/data-files/measure/measure-file'
import { encodeFile } from '@/server/data-files/write/encode-file'
import { selectRowRanges, writeParquet } from '@/server/data-files/write/parquet-file'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { Staging } from './staging'

/**
 * A file larger than this many times the target size is written again as several; below, the extra pass would gain
 * little.
 */
const MAX_OVERSIZE_FACTOR = 1.5
/** Monotonic within a millisecond too, so that the files of a run sort as they were written. */
const newFileId = monotonicFactory()

/** `bytesPerRow` is the plain size; it determines the size of row groups. */
export type PartitionRows = { values: readonly (Value | null)[]; bytesPerRow: number }

/** The finished files of one attempt to stage an input. */
export class StagedFiles {
  readonly #staging: Staging
  readonly #files: StagedFile[] = []

  constructor(staging: Staging) {
    this.#staging = staging
  }

  list(): readonly StagedFile[] {
    return this.#files
  }

  /** Removes the files. */
  async discard(): Promise<void> {
    for (const { stagedPath } of this.#files.splice(0)) await rm(stagedPath)
  }

  /**
   * Writes the rows of one partition as one finished file, or as several near the target size.
   *
   * @returns the number of rows
   */
  async write(rows: string, { values, bytesPerRow }: PartitionRows): Promise<number> {
    const { request, session, storedSchema: schema } = this.#staging
    const { write, stagingDir } = request
    const writeRows = (file: string, sql: string) =>
      this.#staging.runWithProgress('writing', () => writeParquet(session, sql, { file, schema, write, bytesPerRow }))
    const encoded = path.join(stagingDir, 'encoded.parquet')
    const rowCount = await writeRows(encoded, rows)
    if (rowCount > 0) {
      const whole = await this.#finish(encoded, values)
      if (whole.fileSizeBytes <= write.targetFileBytes * MAX_OVERSIZE_FACTOR) this.#add(whole)
      else {
        await rm(whole.stagedPath)
        const parts = Math.ceil(whole.fileSizeBytes / write.targetFileBytes)
        const encodedPart = path.join(stagingDir, 'encoded-part.parquet')
        for (const part of selectRowRanges(encoded, schema, { rowCount, parts })) {
          await writeRows(encodedPart, part)
          this.#add(await this.#finish(encodedPart, values))
          await rm(encodedPart)
        }
      }
    }
    await rm(encoded)
    return rowCount
  }

  /** Measures a file of DuckDB, and encodes it as the properties of the table say. */
  async #finish(encoded: string, partition: PartitionRows['values']): Promise<StagedFile> {
    const { request, session, storedSchema } = this.#staging
    const { write, stagingDir, fileStem } = request
    const fileName = `${fileStem}_${newFileId()}.parquet`
    const stagedPath = path.join(stagingDir, fileName)
    const rows = await this.#staging.runWithProgress('measuring', () =>
      measureFile(session, encoded, storedSchema, write.metrics),
    )
    const file = await this.#staging.runWithProgress('writing', () =>
      encodeFile({ from: encoded, to: stagedPath }, rows, write.layout),
    )
    return { stagedPath, fileName, partition, ...file }
  }

  #add(file: StagedFile): void {
    this.#files.push(file)
    this.#staging.reportFile(this.#files.length, file.recordCount)
  }
}
