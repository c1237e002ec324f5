import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ListedFile } from '@/lib/api/listed-files'
import { goldenFile, type GoldenTable, listGoldenTables } from '@/testing/golden/golden-tables'
import { openGoldenScan } from '@/testing/golden/open-golden-scan'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import type { ScanFile } from '@/lib/scan/scan-files'
import { findDifferingFiles } from '@/lib/scan/compare/differing-files'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { AppError } from '@/lib/errors'
import type { ComparisonReply, ComparisonRequest, SidePlan } from './comparison-messages'
import { createComparisonServer } from './serve-comparison'

/** Its rows have an id and a city; deletes by position remove some at each snapshot. */
const TABLE = listGoldenTables().find(({ name }) => name === 'spark_deletion_vectors')

const ALL = { keyIds: [], comparedIds: null, where: null }

describe('The worker that compares snapshots', () => {
  it('reports what it found, and then the rows that are requested', async () => {
    const { request, replies } = await start()
    await request({ kind: 'read', id: 1, filter: 'all', from: 0, to: 1 })
    expect(replies.at(-1)).toMatchObject({ kind: 'failed', id: 1, error: { code: 'internal' } })

    const [before, after] = recordedIds()
    const gone = before.filter((id) => !after.includes(id))
    await request({ kind: 'compare', ...(await sides()), ...ALL, keyIds: [1] })
    expect(replies.at(-1)).toMatchObject({
      kind: 'compared',
      result: { inCount: 0, changedCount: 0, outCount: gone.length, repeatedKeyCount: 0 },
    })
    expect(gone.length).toBeGreaterThan(20)

    await request({ kind: 'read', id: 2, filter: 'out', from: 0, to: 1_000 })
    const rows = replies.at(-1)
    if (rows?.kind !== 'rows') throw new Error('no rows were returned')
    expect((rows.rows.before.get('1') ?? []).map(String).toSorted()).toEqual(gone.toSorted())
    expect(rows.rows.after.get('1')?.every((value) => value === undefined)).toBe(true)
    await request({ kind: 'read', id: 3, filter: 'in', from: 0, to: 10 })
    expect(replies.at(-1)).toMatchObject({ kind: 'rows', id: 3, rows: { kinds: [] } })
  })

  it('compares only rows that pass a filter, in the chosen columns', async () => {
    const { request, replies } = await start()
    const [before, after] = recordedIds()
    const limit = 40
    const where = `{"type":"lt","term":{"type":"reference","id":1},"value":${limit}}`
    const gone = before.filter((id) => Number(id) < limit && !after.includes(id))
    await request({ kind: 'compare', ...(await sides()), keyIds: [1], comparedIds: [1], where })
    expect(replies.at(-1)).toMatchObject({
      kind: 'compared',
      result: { inCount: 0, changedCount: 0, outCount: gone.length, columns: [] },
    })
    expect(gone.length).toBeGreaterThan(0)
    await request({ kind: 'read', id: 1, filter: 'out', from: 0, to: 1_000 })
    const rows = replies.at(-1)
    if (rows?.kind !== 'rows') throw new Error('no rows were returned')
    expect((rows.rows.before.get('1') ?? []).map(String).toSorted()).toEqual(gone.toSorted())
    await request({ kind: 'compare', ...(await sides()), ...ALL, where: where.replace('"id":1', '"id":99') })
    expect(replies.at(-1)).toMatchObject({ kind: 'failed', id: null, error: { code: 'invalid-request' } })
  })

  it('says why it failed, with the file', async () => {
    const { request, replies } = await start(() => {
      throw new AppError('file-missing', 'The file is gone.', { facts: { file: 'a' } })
    })
    await request({ kind: 'compare', ...(await sides()), ...ALL })
    expect(replies.at(-1)).toMatchObject({
      kind: 'failed',
      id: null,
      error: { code: 'file-missing', facts: { file: 'a' } },
    })
  })
})

async function start(open: (file: { path: string }) => ByteSource = openFile) {
  const replies: ComparisonReply[] = []
  const serve = createComparisonServer((reply) => replies.push(reply), {
    codecs: pageCodecs,
    open,
    openDelete: openFile,
  })
  return { replies, request: (request: ComparisonRequest) => serve(request) }
}

function golden(): { table: GoldenTable; snapshotIds: [string, string] } {
  const [first, second] = TABLE?.reads ?? []
  if (!TABLE || !first?.snapshotId || !second?.snapshotId) throw new Error('the table has no two snapshots')
  return { table: TABLE, snapshotIds: [first.snapshotId, second.snapshotId] }
}

function recordedIds(): [string[], string[]] {
  const [first, second] = golden().table.reads
  const ids = (rows: readonly (readonly unknown[])[] = []) => rows.map(([id]) => String(id))
  return [ids(first?.rows), ids(second?.rows)]
}

async function sides(): Promise<{ before: SidePlan; after: SidePlan }> {
  const { table, snapshotIds } = golden()
  const [before, after] = await Promise.all(snapshotIds.map((snapshotId) => openGoldenScan(table, { snapshotId })))
  if (!before || !after) throw new Error('the table has no two snapshots')
  const comparable = (files: readonly ScanFile[]) => files.map((file) => ({ ...file, deletes: file.deletes ?? [] }))
  const { onlyBefore, onlyAfter } = findDifferingFiles(comparable(before.files), comparable(after.files))
  const toSide = ({ schema, nameMapping }: typeof before, files: readonly ScanFile[]): SidePlan => ({
    token: 't',
    fields: schema.fields,
    nameMapping,
    files: files.map(toListedFile),
  })
  return { before: toSide(before, onlyBefore), after: toSide(after, onlyAfter) }
}

function toListedFile(file: ScanFile, index: number): ListedFile {
  const { path, fileSizeBytes, recordCount, firstRowIndex, sequenceNumber, deletes = [] } = file
  return {
    index,
    path,
    fileFormat: 'parquet',
    fileSizeBytes,
    recordCount,
    firstRowIndex,
    sequenceNumber,
    firstRowId: null,
    specId: 0,
    partition: '',
    // The files have all columns.
    constants: [],
    deletes: deletes.map((each) => ({ ...each, equalityIds: [...each.equalityIds] })),
  }
}

function openFile({ path }: { path: string }): ByteSource {
  const bytes = new Uint8Array(readFileSync(goldenFile(path)))
  return { name: path, byteLength: bytes.length, read: (start, end) => Promise.resolve(bytes.slice(start, end)) }
}
