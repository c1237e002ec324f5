import 'server-only'
import { createHash } from 'node:crypto'
import type { Column, CopyRow, CopyValue } from './copy-endpoint'

/**
 * A digest over rows in a text form that is the same for both databases: `n;` for null, `i12;` for an integer,
 * `t3:abc;` for a text and its length in bytes. Every row has as many values as there are columns.
 */
export class RowDigest {
  readonly #hash = createHash('sha256')
  #rowCount = 0

  constructor(columns: readonly Column[]) {
    this.#hash.update(columns.map(({ name }) => toDigestText(name)).join(''))
  }

  add(row: CopyRow): void {
    this.#hash.update(row.map(toDigestText).join(''))
    this.#rowCount += 1
  }

  /** Finishes the digest. */
  end(): TableDigest {
    return { rowCount: this.#rowCount, sha256: this.#hash.digest('hex') }
  }
}

export type TableDigest = { rowCount: number; sha256: string }

function toDigestText(value: CopyValue): string {
  if (value === null) return 'n;'
  if (typeof value === 'bigint') return `i${value};`
  if (typeof value === 'string') return `t${Buffer.byteLength(value)}:${value};`
  return `b${Buffer.from(value).toString('hex')};`
}
