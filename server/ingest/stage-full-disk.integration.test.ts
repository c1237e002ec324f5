import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { canMountDisk, mountSmallDisk } from '@/testing/faults/small-disk'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

/** Loads whose disk becomes full at any point, while DuckDB writes or while Lakeshore does. */

const tmpdir = process.env.TMPDIR
const disk = mountSmallDisk(32)
if (disk !== null) process.env.TMPDIR = disk.folder
// Hooks run in reverse order: the disk is removed after what is on it.
afterAll(() => {
  if (tmpdir === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = tmpdir
  disk?.remove()
})
const staging = createTestStaging()
/** Inputs, and files of earlier cases. */
const removeFiles = () => {
  const folder = path.dirname(staging.file('x'))
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true })
}

const FIELDS = [column(1, 'id', 'long'), column(2, 'text', 'string')]
const ROWS = Array.from({ length: 12_000 }, (_, id) => [id, randomBytes(150).toString('base64')] as const)
const csv = (delimiter: string, id: (i: number) => string = String) =>
  `id${delimiter}text\n${ROWS.map(([i, text]) => `${id(i)}${delimiter}${text}\n`).join('')}`
const INPUTS: readonly (readonly [string, InputFormat, string | Uint8Array])[] = [
  ['CSV that DuckDB reads', 'csv', csv(',')],
  ['CSV that is rewritten', 'csv', csv(';')],
  ['CSV of gzip', 'csv', gzipSync(csv(','), { level: 1 })],
  ['NDJSON', 'ndjson', ROWS.map(([id, text]) => `${JSON.stringify({ id, text })}\n`).join('')],
  ['rejected rows', 'csv', csv(',', (i) => `x${i}`)],
]
const CASES = INPUTS.flatMap(([name, format, input]) =>
  [0.05, 0.3, 0.7, 1.2].map((free) => [free, name, format, input] as const),
)

describe.skipIf(!canMountDisk() || disk === null)('A disk (skipped where no file system can be mounted)', () => {
  it.each(CASES)(
    'with room for %f of a file of %s says that it is full, or has all rows',
    async (free, _, format, input) => {
      const bytes = Buffer.byteLength(input)
      disk?.fill(bytes + Math.round(free * bytes))
      try {
        const load = staging.stage(format, input, FIELDS, { maxRejectedRows: ROWS.length })
        const outcome = await load.then(
          ({ rowsRead }) => rowsRead,
          (error: unknown) => (error instanceof AppError ? error.code : error),
        )
        expect(outcome).toBeOneOf(free > 0.3 ? ['storage-full', ROWS.length] : ['storage-full'])
      } finally {
        disk?.freeSpace()
        removeFiles()
      }
    },
  )
})
