import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReadRowsOptions, RowBatch } from '../read-rows'
import { encodeRows } from './encode-rows'
import { createRowEncoder } from './create-row-encoder'

const FIELDS: NestedField[] = [{ id: 1, name: 'n', required: true, type: 'int' }]

/** A reader of the numbers from 0; it refuses more than `maxRows` at once. */
function readerOf(rowCount: number, { maxRows = Number.POSITIVE_INFINITY } = {}) {
  const sizes: number[] = []
  const readRows = async ({ firstRow, lastRow }: ReadRowsOptions): Promise<RowBatch> => {
    if (lastRow - firstRow > maxRows) throw new AppError('too-large', 'too large')
    const end = Math.min(lastRow, rowCount)
    sizes.push(end - firstRow)
    const values = Array.from({ length: end - firstRow }, (_, i) => firstRow + i)
    return { firstRow, lastRow: end, columns: new Map([[1, values]]), positions: new Float64Array(values.length) }
  }
  return { readRows, sizes }
}

async function encodeAll(readRows: (options: ReadRowsOptions) => Promise<RowBatch>, limit = Number.POSITIVE_INFINITY) {
  const encoder = await createRowEncoder('csv', FIELDS)
  const pieces: Uint8Array[] = []
  let rowCount = 0
  for await (const piece of encodeRows({ readRows, fieldIds: [1], encoder, limit })) {
    pieces.push(piece.bytes)
    rowCount += piece.rowCount
  }
  return { text: Buffer.concat(pieces).toString(), rowCount, pieces }
}

const csvOf = (count: number) => `n\r\n${Array.from({ length: count }, (_, i) => `${i}\r\n`).join('')}`

describe('Rows as bytes', () => {
  it.each([0, 1, 255, 256, 257, 20_000])('are all of %i rows, in order', async (count) => {
    const { text, rowCount } = await encodeAll(readerOf(count).readRows)
    expect(text).toBe(csvOf(count))
    expect(rowCount).toBe(count)
  })

  it.each([1, 256, 300])('stop after a limit of %i', async (limit) => {
    const { text, rowCount } = await encodeAll(readerOf(1000).readRows, limit)
    expect([text, rowCount]).toEqual([csvOf(limit), limit])
  })

  it('begin with rows, so that a failure of the first file has no bytes before it', async () => {
    expect(Buffer.from((await encodeAll(readerOf(3).readRows)).pieces[0] ?? []).toString()).toContain('2')
  })

  it('are read in smaller batches when several rows are too large together', async () => {
    const { readRows, sizes } = readerOf(50, { maxRows: 3 })
    expect((await encodeAll(readRows)).text).toBe(csvOf(50))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3)
  })

  it('fail when one row alone is too large', async () => {
    await expect(encodeAll(readerOf(5, { maxRows: 0 }).readRows)).rejects.toMatchObject({ code: 'too-large' })
  })

  it('are cancelled between batches', async () => {
    const controller = new AbortController()
    const encoder = await createRowEncoder('csv', FIELDS)
    const { readRows } = readerOf(10_000)
    const pieces = encodeRows({ readRows, fieldIds: [1], encoder, limit: 10_000, signal: controller.signal })
    await pieces.next()
    controller.abort()
    await expect(pieces.next()).rejects.toThrow('aborted')
  })
})
