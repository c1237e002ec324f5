import { AppError } from '@/lib/errors'
import { DamagedParquet } from '@/lib/parquet/errors'
import { ChunkReader } from '../chunk-reader'
import type { JsonToken } from '../json-tokens'
import { RecordSize } from '../record-size'
import { RecordReading, UnloadableField, type ValueRecord } from '../value-reader'
import { ArrowBatch, type ArrowCodecs, isZstdBatch, MAX_BATCH_BYTES } from './arrow-batch'
import { type ArrowColumn, createArrowColumn } from './arrow-column'
import { type ArrowMessage, type ReadEnd, readArrowMessages } from './arrow-messages'
import { type ArrowField, parseArrowSchema, requireLoadableField } from './arrow-schema'
import type { FlatTable } from './flat-table'

/** A batch is in memory together, so it ends with its records or with their size. */
const MAX_RECORDS = 1_000
const MAX_RECORD_BYTES = 1024 * 1024
const MAX_DICTIONARY_PARTS = 1_000
/** Columns of nulls have no bytes, so their rows are limited by themselves. */
const MAX_ROWS_WITHOUT_BYTES = 1_000_000

export type ArrowReadOptions = {
  /** The name of the file, for error messages. */
  name: string
  codecs: ArrowCodecs
  /** Reads the last bytes of the file, for files that have their schema only there. */
  readEnd: ReadEnd
  /** Fields that may have types without a form in JSON. */
  ignoredFields: readonly string[]
}

/**
 * The rows of an Arrow file or stream, in batches.
 *
 * @throws {AppError} file-damaged with the position; too-large for a batch of more than 256 MiB or a row of more than
 *   16 MiB; not-supported for fields without a form in JSON
 */
export async function* readArrowRecords(
  chunks: AsyncIterable<Uint8Array>,
  { name, codecs, readEnd, ignoredFields }: ArrowReadOptions,
): AsyncGenerator<ValueRecord[]> {
  const label = `Arrow file ${name}`
  const reader = new ArrowReader(label, codecs, new Set(ignoredFields))
  for await (const message of readArrowMessages(new ChunkReader(chunks), { label, readEnd })) {
    if (codecs.load && reader.hasZstd(message)) await codecs.load()
    yield* reader.read(message)
  }
}

/**
 * The columns of a file or stream, from its schema alone.
 *
 * @throws {AppError} file-damaged; not-supported for a file of another format or with a column twice
 */
export async function readArrowFields(
  chunks: AsyncIterable<Uint8Array>,
  { name, readEnd }: Pick<ArrowReadOptions, 'name' | 'readEnd'>,
): Promise<readonly ArrowField[]> {
  const label = `Arrow file ${name}`
  for await (const message of readArrowMessages(new ChunkReader(chunks), { label, readEnd }))
    if (message.kind === 'schema') return readFields(message, label)
  throw new AppError('file-damaged', `The ${label} cannot be read: it has no schema`, { facts: { file: label } })
}

class ArrowReader {
  readonly #label: string
  readonly #codecs: ArrowCodecs
  readonly #ignoredFields: ReadonlySet<string>
  readonly #reading: RecordReading
  readonly #dictionaries = new Map<bigint, ArrowColumn[]>()
  #dictionaryFields = new Map<bigint, ArrowField>()
  readonly #dictionaryBytes = new Map<bigint, number>()
  #fields: readonly ArrowField[] | null = null
  #rowsBefore = 0

  constructor(label: string, codecs: ArrowCodecs, ignoredFields: ReadonlySet<string>) {
    this.#label = label
    this.#codecs = codecs
    this.#ignoredFields = ignoredFields
    this.#reading = new RecordReading(new RecordSize(label))
  }

  hasZstd(message: ArrowMessage): boolean {
    const { kind, header } = message
    return this.#checked(message, () => {
      const batch = kind === 'dictionary' ? header.table(1) : kind === 'batch' ? header : null
      return batch !== null && isZstdBatch(batch)
    })
  }

  *read(message: ArrowMessage): Generator<ValueRecord[]> {
    switch (message.kind) {
      case 'schema':
        if (this.#fields !== null) throw this.#damagedError(message, 'is a second schema')
        return this.#readSchema(message)
      case 'dictionary':
        return this.#checked(message, () => this.#readDictionary(message))
      case 'batch':
        yield* this.#readBatch(message)
    }
  }

  #readSchema(message: ArrowMessage): void {
    const fields = readFields(message, this.#label)
    for (const field of fields) this.#requireLoadable(field)
    this.#dictionaryFields = new Map(fields.flatMap(listDictionaries))
    this.#fields = fields
  }

  #requireLoadable(field: ArrowField): void {
    try {
      requireLoadableField(field)
    } catch (error) {
      if (!(error instanceof UnloadableField)) throw error
      if (!this.#ignoredFields.has(field.name)) throw error.toAppError(this.#label)
    }
  }

  #readDictionary({ header, body }: ArrowMessage): void {
    const id = header.long(0)
    const field = this.#dictionaryFields.get(id)
    const data = header.table(1)
    if (field === undefined || data === null) throw new RangeError('a dictionary of no field')
    const isDelta = header.boolean(2)
    const batch = this.#toBatch(data, body)
    const part = createArrowColumn(batch, { ...field, dictionary: null }, this.#dictionaries)
    const parts = isDelta ? [...(this.#dictionaries.get(id) ?? []), part] : [part]
    this.#dictionaryBytes.set(id, (isDelta ? (this.#dictionaryBytes.get(id) ?? 0) : 0) + body.length + batch.plainBytes)
    this.#dictionaries.set(id, parts)
    const totalBytes = [...this.#dictionaryBytes.values()].reduce((sum, bytes) => sum + bytes, 0)
    if (parts.length <= MAX_DICTIONARY_PARTS && totalBytes <= 2 * MAX_BATCH_BYTES) return
    throw new AppError('too-large', `The dictionaries of the ${this.#label} are too large to be read.`, {
      facts: { file: this.#label },
    })
  }

  *#readBatch(message: ArrowMessage): Generator<ValueRecord[]> {
    const { rowCount, columns } = this.#checked(message, () => this.#openBatch(message))
    let records: ValueRecord[] = []
    let recordBytes = 0
    for (let index = 0; index < rowCount; index += 1) {
      const line = this.#rowsBefore + index + 1
      this.#reading.begin(line)
      const token = this.#checked(message, () => this.#readRow(columns, index), line)
      records.push({ line, token, problem: this.#reading.problem })
      recordBytes += this.#reading.size.bytes
      if (records.length < MAX_RECORDS && recordBytes < MAX_RECORD_BYTES) continue
      yield records
      records = []
      recordBytes = 0
    }
    if (records.length > 0) yield records
    this.#rowsBefore += rowCount
  }

  #openBatch({ header, body }: ArrowMessage): { rowCount: number; columns: readonly NamedColumn[] } {
    if (this.#fields === null) throw new RangeError('a batch before its schema')
    const batch = this.#toBatch(header, body)
    const columns = this.#fields.map((field) => ({
      name: field.name,
      column: createArrowColumn(batch, field, this.#dictionaries),
    }))
    const { rowCount } = batch
    if (columns.some(({ column }) => column.length !== rowCount)) throw new RangeError('columns of other lengths')
    if (rowCount > 8 * batch.plainBytes + MAX_ROWS_WITHOUT_BYTES)
      throw new RangeError(`${rowCount} rows without values`)
    return { rowCount, columns }
  }

  #readRow(columns: readonly NamedColumn[], index: number): JsonToken {
    const members = new Map<string, JsonToken>()
    for (const { name, column } of columns) {
      this.#reading.size.add(name.length)
      members.set(name, column.read(index, this.#reading))
    }
    return { kind: 'object', members }
  }

  #toBatch(metadata: FlatTable, body: Uint8Array): ArrowBatch {
    return new ArrowBatch(metadata, { body, codecs: this.#codecs, label: this.#label })
  }

  #checked<Result>(message: ArrowMessage, work: () => Result, line?: number): Result {
    return checkMessage(message, { label: this.#label, ...(line !== undefined && { line }) }, work)
  }

  #damagedError(message: ArrowMessage, detail: string): AppError {
    return damagedError(message, this.#label, detail)
  }
}

/** @throws {AppError} file-damaged; not-supported for big-endian files and columns with the same name */
function readFields(message: ArrowMessage, label: string): readonly ArrowField[] {
  const { fields, isBigEndian } = checkMessage(message, { label }, () => ({
    fields: parseArrowSchema(message.header),
    isBigEndian: message.header.short(0) !== 0,
  }))
  if (isBigEndian)
    throw new AppError('not-supported', `The ${label} has big-endian numbers, which Lakeshore cannot read.`, {
      facts: { file: label },
    })
  const names = fields.map(({ name }) => name)
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined)
    throw new AppError('not-supported', `The ${label} has the column ${JSON.stringify(repeated)} twice.`, {
      facts: { file: label },
    })
  return fields
}

/** Adds the position to what is wrong with the bytes. */
function checkMessage<Result>(
  message: ArrowMessage,
  { label, line }: { label: string; line?: number },
  work: () => Result,
): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof DamagedParquet)) throw error
    const row = line === undefined ? '' : ` (row ${line})`
    throw damagedError(message, label, `has ${error.message}${row}`, error)
  }
}

function damagedError({ start }: ArrowMessage, label: string, detail: string, cause?: unknown): AppError {
  return new AppError('file-damaged', `The ${label} cannot be read: the message at byte ${start} ${detail}`, {
    cause,
    facts: { file: label, position: start },
  })
}

type NamedColumn = { name: string; column: ArrowColumn }

function listDictionaries(field: ArrowField): [bigint, ArrowField][] {
  const inside = field.children.flatMap(listDictionaries)
  return field.dictionary === null ? inside : [[field.dictionary.id, field], ...inside]
}
