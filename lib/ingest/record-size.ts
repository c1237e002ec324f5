import { AppError } from '@/lib/errors'

/** As for JSON and CSV. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024
/** A value, with its comma, in JSON and in memory. */
const VALUE_BYTES = 4

/**
 * Adds up the size that a record of a binary format has as JSON. A few bytes of a file can stand for millions of values
 * (nulls, repeated names of fields), so the size is limited while the record is read.
 */
export class RecordSize {
  readonly #label: string
  #bytes = 0
  #record = 0

  /** @param label the file, for error messages */
  constructor(label: string) {
    this.#label = label
  }

  /** The size of the current record so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** @param record its number, from 1 */
  begin(record: number): void {
    this.#record = record
    this.#bytes = 0
  }

  /** @throws {AppError} too-large */
  add(bytes: number): void {
    this.#bytes += bytes + VALUE_BYTES
    if (this.#bytes <= MAX_RECORD_BYTES) return
    throw new AppError('too-large', `Record ${this.#record} of the ${this.#label} is longer than 16 MiB.`, {
      facts: { file: this.#label, line: this.#record },
    })
  }
}
