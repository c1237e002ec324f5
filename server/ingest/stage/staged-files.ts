import 'server-only'
import { randomInt } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { monotonicFactory } from 'ulid'
import type { Value } from '@/lib/iceberg/schema/types'
import { encodeFile } from '@/server/data-files/write/encode-file'
import type { RowsEncoder } from '@/server/data-files/write/encode-rows'
import { selectRowRanges, writeParquet } from '@/server/data-files/write/parquet-file'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { RowRange } from '@/server/parquet/cut/row-cutter'
import type { Staging } from './staging'

const RANDOM_RANGE = 2 ** 32
/**
 * Monotonic within a millisecond too, so that the files of a run sort as they were written. By itself it asks the system
 * for each character, which takes as long as writing a small file.
 */
const newFileId = monotonicFactory(() => randomInt(RANDOM_RANGE) / RANDOM_RANGE)

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
    this.#staging.reportNoFiles()
  }

  /**
   * Writes the rows of one partition as one finished file, or as several near the target size, in the sort order of the
   * table.
   *
   * @returns the number of rows
   */
  write(rows: string, partition: PartitionRows): Promise<number> {
    const { sort } = this.#staging
    return this.writeSorted(sort === null ? rows : `SELECT * FROM (${rows}) ORDER BY ${sort.orderBy}`, partition)
  }

  /** The same for rows that are in the sort order already. */
  async writeSorted(rows: string, { values, bytesPerRow }: PartitionRows): Promise<number> {
    const { request, session, storedSchema: schema } = this.#staging
    const { write, stagingDir } = request
    const writeRows = (file: string, sql: string) =>
      this.#staging.runWithProgress('writing', () => writeParquet(session, sql, { file, schema, write, bytesPerRow }))
    const encoded = path.join(stagingDir, 'encoded.parquet')
    const rowCount = await writeRows(encoded, rows)
    if (rowCount > 0) {
      const whole = await this.#finish(encoded, values)
      if (whole.fileSizeBytes <= write.maxFileBytes) this.#add(whole)
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

  /**
   * Writes rows of a sorted file as one finished file, without a statement of DuckDB.
   *
   * @returns whether it did; if not, the file would be too large
   */
  async writeRange(encoder: RowsEncoder, range: RowRange, partition: PartitionRows['values']): Promise<boolean> {
    const { write } = this.#staging.request
    const { stagedPath, fileName } = this.#nextFile()
    const file = await encoder.encode(range, stagedPath, write.maxFileBytes)
    if (file === null) return false
    this.#add({ stagedPath, fileName, partition, ...file })
    return true
  }

  /** Encodes a file of DuckDB as the properties of the table say. */
  async #finish(encoded: string, partition: PartitionRows['values']): Promise<StagedFile> {
    const { request, storedSchema: schema, lane } = this.#staging
    const { write } = request
    const { stagedPath, fileName } = this.#nextFile()
    const file = await this.#staging.runWithProgress('writing', () =>
      encodeFile({ from: encoded, to: stagedPath }, { ...write, schema }, lane),
    )
    return { stagedPath, fileName, partition, ...file }
  }

  #nextFile(): Pick<StagedFile, 'stagedPath' | 'fileName'> {
    const { stagingDir, fileStem } = this.#staging.request
    const fileName = `${fileStem}_${newFileId()}.parquet`
    return { stagedPath: path.join(stagingDir, fileName), fileName }
  }

  #add(file: StagedFile): void {
    this.#files.push(file)
    this.#staging.reportFile(file)
  }
}
