import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toKeyLimitError } from './key-limit-error'
import { KeyTable } from './key-table'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-keys-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const BATCH_ROWS = 8_192
/** Together several times as large as the memory of the table. */
const BATCHES = 150

/** Rows with keys of 64 bytes: every key, or every second one and as many others. */
function batch(index: number, step: number) {
  const keys = Array.from({ length: BATCH_ROWS }, (_, i) =>
    new TextEncoder().encode(
      createHash('sha256')
        .update(String((index * BATCH_ROWS + i) * step))
        .digest('hex'),
    ),
  )
  return {
    rowCount: BATCH_ROWS,
    keys,
    positions: Float64Array.from(keys, (_, i) => index * BATCH_ROWS + i),
    digests: null,
  }
}

async function fill(tempMiB: number): Promise<KeyTable> {
  const keys = await KeyTable.open(path.join(folder, `keys-${tempMiB}`), { memoryMiB: 64, threads: 2, tempMiB })
  try {
    for (let index = 0; index < BATCHES; index++) await keys.add('staged', 0, batch(index, 1))
  } catch (error) {
    keys.close()
    throw toKeyLimitError(error)
  }
  return keys
}

it('Keys beyond the memory limit are on disk, and rows of the table are found by them', async () => {
  const keys = await fill(4_096)
  try {
    expect([await keys.finishStaged(), await keys.keyCount()]).toEqual([0, BATCHES * BATCH_ROWS])
    for (let index = 0; index < BATCHES; index++) await keys.match(7, batch(index, 2))
    await keys.finishMatching()
    const found = (BATCHES * BATCH_ROWS) / 2
    expect([await keys.replacedKeyCount(), await keys.countByFile('replaced')]).toEqual([found, new Map([[7, found]])])
    let [count, last] = [0, -1]
    for await (const { file, positions } of keys.rowsByFile('replaced')) {
      expect(file).toBe(7)
      for (const position of positions) {
        if (position !== last + 1) throw new Error(`${position} follows ${last}`)
        last = position
        count += 1
      }
    }
    expect(count).toBe(found)
  } finally {
    keys.close()
  }
})

it('The last row of a key is found by its values, and not guessed if they differ when the input is read again', async () => {
  const rows = (...values: readonly number[]) => ({
    rowCount: values.length,
    keys: values.map(() => Uint8Array.of(1)),
    positions: Float64Array.from(values, (_, i) => i),
    digests: values.map((value) => Uint8Array.of(value)),
  })
  const supersede = async (name: string, ordered: readonly number[]) => {
    const keys = await KeyTable.open(path.join(folder, name), { memoryMiB: 64, threads: 1, tempMiB: 64 })
    try {
      await keys.add('staged', 0, rows(1, 2, 3))
      await keys.add('ordered', 0, rows(...ordered))
      await keys.add('written', 0, rows(1, 2, 3))
      await keys.finishStaged()
      await keys.supersedeByValues()
      const found = []
      for await (const { positions } of keys.rowsByFile('superseded')) found.push(...positions)
      return found
    } finally {
      keys.close()
    }
  }
  expect(await supersede('same', [3, 1, 2])).toEqual([0, 2])
  await expect(supersede('other', [3, 1, 9])).rejects.toMatchObject({ code: 'invalid-request' })
})

it('Keys take no more of the disk than they may', async () => {
  await expect(fill(8)).rejects.toMatchObject({ code: 'too-large' })
})
