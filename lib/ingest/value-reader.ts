import { AppError } from '@/lib/errors'
import type { JsonToken } from './json-tokens'
import type { RecordSize } from './record-size'

/** A row of a binary format as the JSON value that a JSON file would have for it. */
export type ValueRecord = {
  /** The number of the row, from 1. */
  line: number
  token: JsonToken
  /** Why the record cannot be a row, such as a map that has a key twice; null for every other record. */
  problem: string | null
}

/** State while records are read one after another. */
export class RecordReading {
  readonly size: RecordSize
  problem: string | null = null

  constructor(size: RecordSize) {
    this.size = size
  }

  begin(record: number): void {
    this.problem = null
    this.size.begin(record)
  }
}

/** A field of a file that cannot become a column, as far as the schema of the file says. */
export class UnloadableField extends Error {
  override readonly name = 'UnloadableField'
  readonly at: string

  constructor(at: string, reason: string) {
    super(reason)
    this.at = at
  }

  toAppError(label: string): AppError {
    const [field = ''] = this.at.split('.')
    const detail = `The field ${this.at} of the ${label} ${this.message}. Ignore the field ${field} to load the others.`
    return new AppError('not-supported', detail, { cause: this, facts: { file: label, field: this.at } })
  }
}

/** The text of a key of a map; null if the key has another form than a text in JSON. */
export function mapKey(token: JsonToken): string | null {
  switch (token.kind) {
    case 'string':
    case 'number':
      return token.text
    case 'true':
    case 'false':
      return token.kind
    case 'null':
    case 'array':
    case 'object':
      return null
  }
}
