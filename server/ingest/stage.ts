import 'server-only'
import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { monotonicFactory } from 'ulid'
import { AppError } from '@/lib/errors'
import type { Schema, Value } from '@/lib/iceberg/schema/types'
import { registerBucketFunction } from '@/server/data-files/write/bucket-function'
import {
  stagedPartitionColumn,
  selectRowsOrFail,
  selectRowsWithMisfits,
  SLOT,
  SLOT_COUNT,
  stagedColumn,
} from './input/checked-rows'
import { type DuckdbSession, openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { openDirectInput, openExactInput, type LoadedInput, translateError } from './input/load-input'
import { encodeFile } from '@/server/data-files/write/encode-file'
import { measureFile } from '@/server/data-files/measure/measure-file'
import { selectRowRanges, selectTableColumns, writeParquet } from '@/server/data-files/write/parquet-file'
import { type PartitionColumn, partitionColumns } from '@/server/data-files/write/partition-sql'
import { plainBytesSql } from '@/server/data-files/measure/plain-bytes'
import { MAX_REJECTS_WRITTEN, Rejects } from './input/rejects'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { StageProgress, StageRequest, StageResult } from './stage-request'
import { StagedRows } from './input/staged-rows'
import { misfitReason } from '@/lib/ingest/text-value'
import { valueFromText, valueLiteral, valueTextSql } from '@/server/data-files/duckdb/value-text'
import { isStored, requireWritable } from '@/server/data-files/write/writable-columns'

/**
 * Turns one input into finished Parquet files in the staging folder. If the table is not partitioned, rows stream from
 * the input into one file. Otherwise, and as soon as a row does not fit, they stream into an intermediate file
 * (`StagedRows`): there every misfit is found, and each partition is written from it. Data that grows with the input is
 * on disk, so the memory of a run is bounded.
 */

/** Each partition of a run is at least one file. */
const MAX_PARTITIONS = 10_000
/** Up to this many partitions, each is found by its own scan; more are first divided by their slots. */
const MAX_SCANNED_PARTITIONS = 24
/** Slots are divided by one hexadecimal digit at a time. */
const SLOT_DIGIT = 16
/**
 * A file larger than this many times the target size is written again as several; below, the extra pass would gain
 * little.
 */
const MAX_OVERSIZE_FACTOR = 1.5
const PROGRESS_EVERY_MS = 200
/** Monotonic within a millisecond too, so that the files of a run sort as they were written. */
const newFileId = monotonicFactory()

export type OnProgress = (progress: StageProgress) => void

/**
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
  const run = new StageRun(request, session, inputBytes, onProgress)
  try {
    return await run.stage()
  } catch (error) {
    throw translateError(error)
  } finally {
    session.close()
  }
}

type StagedInput = { rows: StagedRows; rowsRead: number }

/** `bytesPerRow` is the plain size; it determines the size of row groups. */
type Partition = { values: readonly (Value | null)[]; condition: string; slot: number; bytesPerRow: number }

class StageRun {
  readonly #request: StageRequest
  readonly #session: DuckdbSession
  readonly #inputBytes: number
  readonly #onProgress: OnProgress
  readonly #files: StagedFile[] = []
  readonly #partitionColumns: readonly PartitionColumn[]
  /** The schema of the files: the table's, without columns that are not stored. */
  readonly #storedSchema: Schema
  #progress: StageProgress = { phase: 'reading', bytesRead: 0, rowsRead: 0, filesWritten: 0 }

  constructor(request: StageRequest, session: DuckdbSession, inputBytes: number, onProgress: OnProgress) {
    this.#request = request
    this.#session = session
    this.#inputBytes = inputBytes
    this.#onProgress = onProgress
    this.#partitionColumns = partitionColumns(request.spec, request.schema, stagedColumn)
    this.#storedSchema = { ...request.schema, fields: request.schema.fields.filter(isStored) }
  }

  async stage(): Promise<StageResult> {
    return (await this.#tryStream()) ?? (await this.#stageAndWrite())
  }

  /** Null when this method does not apply, or a row does not fit. */
  async #tryStream(): Promise<StageResult | null> {
    if (this.#partitionColumns.length > 0 || !this.#request.schema.fields.every(isStored)) return null
    const input = await openDirectInput(this.#session, this.#request)
    if (input === null) return null
    try {
      const rowsRead = await this.#writeFiles(selectRowsOrFail(input), { values: [], bytesPerRow: input.bytesPerRow })
      if (!(await input.isExact)) {
        for (const { stagedPath } of this.#files.splice(0)) await rm(stagedPath)
        return null
      }
      return { files: this.#files, rowsRead, rowsRejected: 0 }
    } catch (error) {
      if (isRowError(error)) return null
      throw error
    }
  }

  async #stageAndWrite(): Promise<StageResult> {
    const rejects = new Rejects()
    for (const { bucket } of this.#partitionColumns)
      if (bucket) registerBucketFunction(this.#session.connection, bucket)
    const { rows, rowsRead } = (await this.#tryStageDirectly()) ?? (await this.#stageExactly(rejects))
    this.#report({ bytesRead: this.#inputBytes, rowsRead })
    await this.#saveRejects(rejects, rowsRead)
    await this.#writePartitions(rows, await this.#findPartitions(rows))
    return { files: this.#files, rowsRead, rowsRejected: rejects.rowCount }
  }

  /** Null when the input has to be rewritten, or a row does not fit and its line has to be found. */
  async #tryStageDirectly(): Promise<StagedInput | null> {
    const input = await openDirectInput(this.#session, this.#request)
    if (input === null) return null
    try {
      const rows = await this.#stageRows(input)
      if ((await rows.countMisfits()) === 0 && (await input.isExact)) return { rows, rowsRead: rows.rowCount }
      await rows.discard()
      return null
    } catch (error) {
      if (isRowError(error)) return null
      throw error
    }
  }

  async #stageExactly(rejects: Rejects): Promise<StagedInput> {
    const { schema } = this.#request
    const input = await openExactInput(this.#session, this.#request, {
      rejects,
      onProgress: (bytesRead, rowsRead) => this.#report({ phase: 'reading', bytesRead, rowsRead }),
    })
    const rows = await this.#stageRows(input)
    await input.discard()
    const misfitCount = await rows.countMisfits()
    const listed = misfitCount === 0 ? [] : await rows.readMisfits(MAX_REJECTS_WRITTEN)
    for (const { line, columnIndex, text } of listed) {
      const field = schema.fields[columnIndex]
      if (!field) throw new RangeError(`the schema has no field ${columnIndex}`)
      rejects.add({ line, column: field.name, value: text, reason: rejectionReason(field.type, text) })
    }
    rejects.rowCount += misfitCount
    return { rows, rowsRead: input.rowsRead ?? rows.rowCount }
  }

  #stageRows(input: LoadedInput): Promise<StagedRows> {
    const rows = selectRowsWithMisfits(input, this.#partitionColumns)
    return this.#runWithProgress('checking', () => StagedRows.write(this.#session, this.#request.stagingDir, rows))
  }

  async #saveRejects(rejects: Rejects, rowsRead: number): Promise<void> {
    const { rejects: list, maxRejectedRows } = this.#request
    await rejects.save(list.file)
    if (rejects.rowCount <= maxRejectedRows) return
    const allowed = maxRejectedRows === 0 ? '' : `, more than the ${maxRejectedRows} allowed`
    throw new AppError(
      'rows-rejected',
      `${rejects.rowCount} of ${rowsRead} rows do not fit the table${allowed}. They are listed in ${list.location}.`,
      { facts: { rowsRejected: rejects.rowCount, rowsRead, rejectsFile: list.location } },
    )
  }

  async #findPartitions({ relation }: StagedRows): Promise<Partition[]> {
    const { schema } = this.#request
    const plain = schema.fields
      .flatMap((field, i) => (isStored(field) ? [`(${plainBytesSql(field.type, stagedColumn(i))})`] : []))
      .join(' + ')
    const keys = this.#partitionColumns.map((_column, i) => stagedPartitionColumn(i))
    const texts = this.#partitionColumns.map(
      ({ type }, i) => `${valueTextSql(type, stagedPartitionColumn(i))} AS t${i}`,
    )
    const slot = keys.length === 0 ? [] : [`any_value(${SLOT}) AS slot`]
    const grouped = keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`
    const groups = await this.#session.rows(
      `SELECT ${[...texts, ...slot, 'count(*)::DOUBLE AS "rows"', `sum(${plain})::DOUBLE AS plain`].join(', ')}
       FROM ${relation} WHERE misfits IS NULL ${grouped} LIMIT ${MAX_PARTITIONS + 1}`,
    )
    if (groups.length > MAX_PARTITIONS) {
      throw new AppError('too-large', `The input has rows of more than ${MAX_PARTITIONS} partitions. Load it in parts.`)
    }
    return groups
      .filter((group) => Number(group.rows) > 0)
      .map((group) => {
        const values = this.#partitionColumns.map(({ type }, i) => {
          const text = group[`t${i}`]
          return typeof text === 'string' ? { type, text } : null
        })
        const conditions = values.map((value, i) =>
          value === null ? `${keys[i]} IS NULL` : `${keys[i]} = ${valueLiteral(value.type, value.text)}`,
        )
        return {
          values: values.map((value) => (value === null ? null : valueFromText(value.type, value.text))),
          condition: ['misfits IS NULL', ...conditions].join(' AND '),
          slot: Number(group.slot ?? 0),
          bytesPerRow: Number(group.plain) / Number(group.rows),
        }
      })
  }

  /** Removes the rows once they are written. */
  async #writePartitions(rows: StagedRows, partitions: readonly Partition[], digit = 1): Promise<void> {
    if (partitions.length <= MAX_SCANNED_PARTITIONS || digit >= SLOT_COUNT) {
      const columns = selectTableColumns(this.#request.schema, stagedColumn)
      for (const { condition, ...partition } of partitions) {
        await this.#writeFiles(`SELECT ${columns} FROM ${rows.relation} WHERE ${condition}`, partition)
      }
      return rows.discard()
    }
    for (let value = 0; value < SLOT_DIGIT; value += 1) {
      const matching = partitions.filter(({ slot }) => Math.floor(slot / digit) % SLOT_DIGIT === value)
      if (matching.length === 0) continue
      const condition = `misfits IS NULL AND ${SLOT} // ${digit} % ${SLOT_DIGIT} = ${value}`
      const part = await this.#runWithProgress('writing', () => rows.filter(condition))
      await this.#writePartitions(part, matching, digit * SLOT_DIGIT)
    }
    return rows.discard()
  }

  /** Writes the rows of one partition as one finished file, or as several of about the target size. */
  async #writeFiles(rows: string, { values, bytesPerRow }: Pick<Partition, 'values' | 'bytesPerRow'>): Promise<number> {
    const { write, stagingDir } = this.#request
    const schema = this.#storedSchema
    const writeRows = (file: string, sql: string) =>
      this.#runWithProgress('writing', () => writeParquet(this.#session, sql, { file, schema, write, bytesPerRow }))
    const encoded = path.join(stagingDir, 'encoded.parquet')
    const rowCount = await writeRows(encoded, rows)
    if (rowCount > 0) {
      const whole = await this.#finishFile(encoded, values)
      if (whole.fileSizeBytes <= write.targetFileBytes * MAX_OVERSIZE_FACTOR) this.#addFile(whole)
      else {
        await rm(whole.stagedPath)
        const parts = Math.ceil(whole.fileSizeBytes / write.targetFileBytes)
        const encodedPart = path.join(stagingDir, 'encoded-part.parquet')
        for (const part of selectRowRanges(encoded, schema, { rowCount, parts })) {
          await writeRows(encodedPart, part)
          this.#addFile(await this.#finishFile(encodedPart, values))
          await rm(encodedPart)
        }
      }
    }
    await rm(encoded)
    return rowCount
  }

  /** Measures a file of DuckDB, and writes it as the table wants it. */
  async #finishFile(encoded: string, partition: readonly (Value | null)[]): Promise<StagedFile> {
    const { write, stagingDir } = this.#request
    const fileName = this.#newFileName()
    const stagedPath = path.join(stagingDir, fileName)
    const rows = await this.#runWithProgress('measuring', () =>
      measureFile(this.#session, encoded, this.#storedSchema, write.metrics),
    )
    const file = await this.#runWithProgress('writing', () =>
      encodeFile({ from: encoded, to: stagedPath }, rows, write.layout),
    )
    return { stagedPath, fileName, partition, ...file }
  }

  #addFile(file: StagedFile): void {
    this.#files.push(file)
    this.#report({
      filesWritten: this.#files.length,
      rowsRead: Math.max(this.#progress.rowsRead, file.recordCount),
    })
  }

  #newFileName(): string {
    return `${this.#request.fileStem}_${newFileId()}.parquet`
  }

  #report(change: Partial<StageProgress>): void {
    this.#progress = { ...this.#progress, ...change }
    this.#onProgress(this.#progress)
  }

  /** Reports the progress of a statement while it runs, in bytes of the input if it reads the input. */
  async #runWithProgress<T>(phase: StageProgress['phase'], work: () => Promise<T>): Promise<T> {
    this.#report({ phase })
    const readsInput = this.#progress.bytesRead < this.#inputBytes
    const timer = setInterval(() => {
      const share = this.#session.progress()
      if (readsInput && share !== null) this.#report({ bytesRead: Math.floor(share * this.#inputBytes) })
    }, PROGRESS_EVERY_MS)
    try {
      return await work()
    } finally {
      clearInterval(timer)
      if (readsInput) this.#report({ bytesRead: this.#inputBytes })
    }
  }
}

/** Errors that say that a row is wrong, so that reading row by row will find it. */
function isRowError(error: unknown): boolean {
  return error instanceof Error && /^(Invalid Input|Conversion|Parser|Out of Range) Error/.test(error.message)
}

function rejectionReason(type: StageRequest['schema']['fields'][number]['type'], value: string | null): string {
  if (value === null) return 'is null, and the table requires a value'
  if (typeof type !== 'string') return 'does not fit its nested type exactly'
  return misfitReason(type, value) ?? `cannot be held exactly by ${type}`
}
