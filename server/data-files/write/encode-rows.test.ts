import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { type RowsEncoder, withRowsEncoder } from './encode-rows'
import { writeParquet } from './parquet-file'
import { parseWriteSettings } from './write-settings'

async function createFile() {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-encode-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const schema: Schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 'id', required: true, type: 'long' }],
  }
  const write = parseWriteSettings({}, schema, () => {})
  const file = path.join(folder, 'rows.parquet')
  const session = await openDuckdbSession(
    { inputPath: `${folder}/none`, stagingDir: folder },
    { memoryMiB: 256, threads: 1, tempMiB: 64 },
  )
  await writeParquet(session, 'SELECT range AS id FROM range(3000)', { file, schema, write, bytesPerRow: 8 })
  session.close()
  const encodeAll = async (encoder: RowsEncoder, names: readonly string[]) => {
    const files = []
    for (const [i, name] of names.entries())
      files.push(await encoder.encode({ start: 100 * i, end: 100 * i + 100 }, path.join(folder, name), 1_000_000))
    return files
  }
  return {
    folder,
    encode: (names: readonly string[]) =>
      withRowsEncoder(file, { ...write, schema }, (encoder) => encodeAll(encoder, names)),
  }
}

const NAMES = Array.from({ length: 12 }, (_, i) => `part-${i}`)

it('All files are complete when the encoder ends', async () => {
  const { folder, encode } = await createFile()
  const files = await encode(NAMES)
  expect(NAMES.map((name) => readFileSync(path.join(folder, name)).length)).toEqual(
    files.map((file) => file?.fileSizeBytes),
  )
})

it.each([1, 11])(
  'A file that cannot be written fails the encoder, and no file is being written then: %i',
  async (i) => {
    const { folder, encode } = await createFile()
    const names = NAMES.with(i, 'part-0')
    await expect(encode(names)).rejects.toMatchObject({ code: 'EEXIST' })
    const before = readdirSync(folder)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(readdirSync(folder)).toEqual(before)
  },
)
