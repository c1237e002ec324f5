import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Value } from '@/lib/iceberg/schema/types'
import { dataFileName } from '@/server/data-files/write/data-file-name'
import { encodeFiles } from '@/server/data-files/write/encode-file'
import type { EncodedFile } from '@/server/data-files/write/file-encoding'
import type { RowsEncoder } from '@/server/data-files/write/encode-rows'
import { writeParquet } from '@/server/data-files/write/parquet-file'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { RowRange } from '@/server/parquet/cut/row-cutter'
import type { Staging } from './staging'

/**
 * `bytesPerRow` is the plain size; it determines the size of row groups. `approximateRows` is the number of rows that come
 * from the input itself, which progress estimates then.
 */
export type PartitionRows = { values: readonly (Value | null)[]; bytesPerRow: number; approximateRows?: number }

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
  async writeSorted(rows: string, { values, bytesPerRow, approximateRows }: PartitionRows): Promise<number> {
    const { request, session, storedSchema: schema } = this.#staging
    const { write, stagingDir } = request
    const encoded = path.join(stagingDir, 'encoded.parquet')
    const writeAll = async () => {
      const rowCount = await writeParquet(session, rows, { file: encoded, schema, write, bytesPerRow })
      if (rowCount > 0) await this.#encode(encoded, values)
      await rm(encoded)
      return rowCount
    }
    return this.#staging.runWithProgress('writing', writeAll, approximateRows)
  }

  /**
   * Writes rows of a sorted file as one finished file, without a statement of DuckDB.
   *
   * @returns whether it did; if not, the file would be too large
   */
  async writeRange(encoder: RowsEncoder, range: RowRange, partition: PartitionRows['values']): Promise<boolean> {
    const { write } = this.#staging.request
    const stagedPath = this.#nextPath()
    const file = await encoder.encode(range, stagedPath, write.maxFileBytes)
    if (file === null) return false
    this.#add(stagedPath, partition, file)
    return true
  }

  /** Encodes a file of DuckDB as the properties of the table say. */
  async #encode(encoded: string, partition: PartitionRows['values']): Promise<void> {
    const { request, storedSchema: schema, lane } = this.#staging
    const { write } = request
    const limits = { targetBytes: write.targetFileBytes, maxBytes: write.maxFileBytes }
    const target = {
      nextPath: () => this.#nextPath(),
      onFile: (file: EncodedFile, stagedPath: string) => this.#add(stagedPath, partition, file),
    }
    await encodeFiles(encoded, target, { ...write, schema }, { limits, lane })
  }

  #nextPath(): string {
    const { stagingDir, fileStem } = this.#staging.request
    return path.join(stagingDir, dataFileName(fileStem))
  }

  #add(stagedPath: string, partition: PartitionRows['values'], encoded: EncodedFile): void {
    const file = { stagedPath, fileName: path.basename(stagedPath), partition, ...encoded }
    this.#files.push(file)
    this.#staging.reportFile(file)
  }
}
