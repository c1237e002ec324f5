import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { ChunkLane } from '@/server/parquet/transcode/thread/chunk-lane'
import { encodeFile } from './encode-file'
import { writeParquet } from './parquet-file'
import { parseWriteSettings } from './write-settings'

it('A file is encoded without its thread when the thread fails', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-encode-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const field = (id: number) => ({ id, name: `c${id}`, required: true, type: 'long' as const })
  const schema: Schema = { schemaId: 0, identifierFieldIds: [], fields: [field(1), field(2)] }
  const write = parseWriteSettings({}, schema, () => {})
  const fileOf = (name: string) => path.join(folder, name)
  const [from, alone, shared] = [fileOf('encoded'), fileOf('alone'), fileOf('shared')]
  const session = await openDuckdbSession(
    { inputPath: `${folder}/none`, stagingDir: folder },
    { memoryMiB: 256, threads: 1, tempMiB: 64 },
  )
  onTestFinished(() => session.close())
  const rows = 'SELECT range AS c1, range * 7 AS c2 FROM range(700_000)'
  await writeParquet(session, rows, { file: from, schema, write, bytesPerRow: 16 })

  let startCount = 0
  const lane = new ChunkLane(({ onEnd }) => {
    startCount += 1
    return { post: () => onEnd(new Error('out of memory')), end: () => {} }
  })
  const settings = { ...write, schema }
  const expected = await encodeFile({ from: from, to: alone }, settings)
  expect(await encodeFile({ from: from, to: shared }, settings, lane)).toEqual(expected)
  expect(startCount).toBe(1)
  expect(Buffer.compare(readFileSync(shared), readFileSync(alone))).toBe(0)
})
