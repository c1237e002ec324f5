import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { deletionVectorBlob } from '@/testing/iceberg/deletion-vector-blob'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { createRowReader } from '../read-rows'
import type { ScanFile } from '../scan-files'
import { createDeleteFileBuilder, type DeleteFile } from './delete-file'
import { DeleteIndex } from './delete-index'
import { createDeleteLoader } from './delete-loader'

let folder: string
let duckdb: DuckDBConnection
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-deletes-'))
  duckdb = await (await DuckDBInstance.create(':memory:')).connect()
})
afterAll(() => rmSync(folder, { recursive: true }))

const FIELDS: readonly NestedField[] = [
  { id: 1, name: 'k', required: false, type: 'long' },
  { id: 2, name: 'd', required: false, type: 'double' },
  { id: 3, name: 's', required: false, type: 'string' },
]
/** The column with the id 3 was dropped since. */
const SCHEMAS = [
  { schemaId: 0, identifierFieldIds: [], fields: FIELDS },
  { schemaId: 1, identifierFieldIds: [], fields: FIELDS.slice(0, 2) },
]
const FIELD_IDS = { k: 1, d: 2, s: 3 }
type Row = { k: bigint | null; d: number | null; s: string | null }

const UNPARTITIONED: PartitionSpec = { specId: 0, fields: [] }
const BY_KEY: PartitionSpec = {
  specId: 1,
  fields: [{ sourceId: 9, fieldId: 1000, name: 'p', transform: 'identity' }],
}
type Partition = { specId: number; partition: readonly (number | null)[] }
const PARTITIONS: readonly Partition[] = [
  { specId: 0, partition: [] },
  { specId: 1, partition: [1] },
  { specId: 1, partition: [null] },
]

type DataModel = { partition: number; sequenceNumber: number; rows: readonly Row[] }
type DeleteModel = { partition: number; sequenceNumber: number } & (
  | { kind: 'positions'; rows: readonly { file: number; position: number }[]; isNamed: boolean }
  | { kind: 'vector'; file: number; positions: readonly number[] }
  | { kind: 'keys'; columns: readonly (keyof Row)[]; rows: readonly Row[] }
)

const row = fc.record<Row>({
  k: fc.constantFrom(null, 0n, 1n, 2n, 2n ** 53n + 1n),
  d: fc.constantFrom(null, 0, Number.NaN, 1.5),
  s: fc.constantFrom(null, '', 'a', 'null', 'é'),
})
const sequenceNumber = fc.integer({ min: 1, max: 4 })
const partition = fc.nat(PARTITIONS.length - 1)
const dataModel = fc.record<DataModel>({
  partition,
  sequenceNumber,
  rows: fc.array(row, { minLength: 1, maxLength: 12 }),
})
const filePosition = fc.record({ file: fc.nat(2), position: fc.nat(14) })
const deleteModel: fc.Arbitrary<DeleteModel> = fc.oneof(
  fc.record({
    kind: fc.constant('positions' as const),
    partition,
    sequenceNumber,
    rows: fc.array(filePosition, { minLength: 1, maxLength: 10 }),
    isNamed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('vector' as const),
    partition,
    sequenceNumber,
    file: fc.nat(2),
    positions: fc.uniqueArray(fc.nat(11), { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('keys' as const),
    partition,
    sequenceNumber,
    columns: fc.uniqueArray(fc.constantFrom<keyof Row>('k', 'd', 's'), { minLength: 1 }),
    rows: fc.array(row, { minLength: 1, maxLength: 3 }),
  }),
)

const isSameValue = (a: unknown, b: unknown) => Object.is(a, b)
const isSamePartition = (a: { partition: number }, b: { partition: number }) => a.partition === b.partition

/**
 * Whether a row is deleted, word by word from the Iceberg table spec, *Scan Planning*, *Position Delete Files*,
 * *Deletion Vectors* and *Equality Delete Files*.
 */
function isDeleted(data: DataModel, file: number, position: number, deletes: readonly DeleteModel[]): boolean {
  const vector = deletes.find(
    (one) => one.kind === 'vector' && one.file === file && data.sequenceNumber <= one.sequenceNumber,
  )
  if (vector?.kind === 'vector' && vector.positions.includes(position)) return true
  return deletes.some((one) => {
    if (one.kind === 'keys') {
      const isInScope = PARTITIONS[one.partition]?.specId === 0 || isSamePartition(one, data)
      if (!isInScope || data.sequenceNumber >= one.sequenceNumber) return false
      const values = data.rows[position]
      return one.rows.some((key) => one.columns.every((column) => isSameValue(key[column], values?.[column])))
    }
    if (one.kind === 'vector' || vector) return false
    const named = one.isNamed ? one.rows[0]?.file : file
    if (named !== file || !isSamePartition(one, data) || data.sequenceNumber > one.sequenceNumber) return false
    return one.rows.some((each) => each.file === file && each.position === position)
  })
}

/** The delete files that delete a row, each judged alone; a deletion vector replaces position delete files. */
function deletedByOf(data: DataModel, file: number, position: number, deletes: readonly DeleteModel[]): number[] {
  const hasVector = deletes.some(
    (one) => one.kind === 'vector' && one.file === file && data.sequenceNumber <= one.sequenceNumber,
  )
  return deletes.flatMap((one, index) =>
    !(hasVector && one.kind === 'positions') && isDeleted(data, file, position, [one]) ? [index] : [],
  )
}

describe('Deletes of all kinds together', () => {
  test('delete the rows that the specification says, and no others; shown rows name the files that delete them', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(dataModel, { minLength: 1, maxLength: 3 }),
        fc.array(deleteModel, { maxLength: 6 }),
        fc.nat(),
        async (dataModels, generated, start) => {
          const deletes = toValidDeletes(generated, dataModels)
          const root = path.join(folder, String(run++))
          const { files, open } = await writeTable(root, dataModels, deletes)
          const reader = createRowReader({ codecs: pageCodecs, fields: FIELDS, files, open, openDelete: open })
          const expected = dataModels.flatMap((data, file) =>
            data.rows.flatMap((values, position) =>
              isDeleted(data, file, position, deletes) ? [] : [{ file, row: { position, ...values } }],
            ),
          )
          // First a part of the rows, whose files are found before the deletes of others were read.
          const firstRow = start % (expected.length + 1)
          const part = await readRows(reader, firstRow, firstRow + 5)
          const all = await readRows(reader, 0, reader.rowCount)
          expect(all).toEqual(expected.map((one) => one.row))
          expect(reader.rowCount).toBe(expected.length)
          for (const { position } of part) expect(expected.some((one) => one.row.position === position)).toBe(true)
          expect(await readRows(reader, firstRow, firstRow + 5)).toEqual(all.slice(firstRow, firstRow + 5))
          const showing = { codecs: pageCodecs, fields: FIELDS, files, open, openDelete: open, showsDeleted: true }
          const { deletedBy, columns, positions } = await createRowReader(showing).readRows({
            firstRow: 0,
            lastRow: 1000,
            fieldIds: [1],
          })
          const everyRow = dataModels.flatMap((data, file) =>
            data.rows.map(({ k }, position) => ({
              k,
              position,
              deletedBy: deletedByOf(data, file, position, deletes),
            })),
          )
          expect(
            deletedBy?.map((indexes, i) => ({ k: columns.get(1)?.[i], position: positions[i], deletedBy: indexes })),
          ).toEqual(everyRow)
          const found = await reader.findFile(firstRow)
          const requested = expected[firstRow]
          expect(found && { path: found.file.path, position: found.position }).toEqual(
            requested ? { path: files[requested.file]?.path, position: requested.row.position } : null,
          )
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** A file has at most one deletion vector, which lists positions of rows that it has and is in the file's partition. */
function toValidDeletes(deletes: readonly DeleteModel[], data: readonly DataModel[]): DeleteModel[] {
  const withVector = new Set<number>()
  return deletes.flatMap((one): DeleteModel[] => {
    if (one.kind === 'positions' && one.isNamed) {
      const file = data[one.rows[0]?.file ?? 0]
      return file
        ? [{ ...one, partition: file.partition, rows: one.rows.filter((each) => each.file === one.rows[0]?.file) }]
        : []
    }
    if (one.kind !== 'vector') return [one]
    const file = data[one.file]
    const positions = one.positions.filter((position) => position < (file?.rows.length ?? 0))
    if (!file || withVector.has(one.file) || positions.length === 0) return []
    withVector.add(one.file)
    // A vector is written after its file.
    const later = Math.max(one.sequenceNumber, file.sequenceNumber)
    return [{ ...one, partition: file.partition, positions, sequenceNumber: later }]
  })
}

async function readRows(reader: ReturnType<typeof createRowReader>, firstRow: number, lastRow: number) {
  const { columns, positions } = await reader.readRows({ firstRow, lastRow, fieldIds: [1, 2, 3] })
  return Array.from(positions, (position, i) => ({
    position,
    k: columns.get(1)?.[i],
    d: columns.get(2)?.[i],
    s: columns.get(3)?.[i],
  }))
}

/** Files are at `lake:/<name>` in manifests, and in a folder of their own on disk. */
async function writeTable(root: string, data: readonly DataModel[], deletes: readonly DeleteModel[]) {
  const stored = new Map<string, string>()
  const pathOf = (file: number) => `lake:/data-${file}`
  const write = async (name: string, values: string, fieldIds: string): Promise<Partial<DataFile>> => {
    const file = `${root}-${name}.parquet`
    await duckdb.run(`COPY (SELECT * FROM ${values}) TO '${file}' (FORMAT parquet, FIELD_IDS ${fieldIds})`)
    stored.set(`lake:/${name}`, file)
    return { fileSizeBytes: readFileSync(file).length }
  }
  const entryOf = (
    name: string,
    { partition: index, sequenceNumber: number }: { partition: number; sequenceNumber: number },
    file: Partial<DataFile>,
  ): ManifestEntry => ({
    status: 'added',
    snapshotId: '1',
    sequenceNumber: number,
    fileSequenceNumber: number,
    dataFile: sampleDataFile(`lake:/${name}`, { ...PARTITIONS[index], ...file }),
  })
  const blobs = new Map<string, Uint8Array>()
  const deleteEntries: ManifestEntry[] = []
  for (const [i, one] of deletes.entries()) {
    const name = `delete-${i}`
    if (one.kind === 'vector') {
      const blob = deletionVectorBlob(one.positions)
      blobs.set(`lake:/${name}`, Uint8Array.from([80, 70, 65, 49, ...blob]))
      deleteEntries.push(
        entryOf(name, one, {
          content: 'position-deletes',
          fileFormat: 'puffin',
          recordCount: one.positions.length,
          referencedDataFile: pathOf(one.file),
          contentOffset: 4,
          contentSizeBytes: blob.length,
        }),
      )
    } else if (one.kind === 'positions') {
      const rows = one.rows.map(({ file, position }) => `('${pathOf(file)}', ${position}::BIGINT)`)
      const values = `(VALUES ${rows.join()}) t(file_path, pos)`
      const written = await write(name, values, '{file_path: 2147483546, pos: 2147483545}')
      const referencedDataFile = one.isNamed ? pathOf(one.rows[0]?.file ?? 0) : null
      const facts = { content: 'position-deletes', recordCount: one.rows.length, referencedDataFile } as const
      deleteEntries.push(entryOf(name, one, { ...written, ...facts }))
    } else {
      const ids = one.columns.map((column) => `${column}: ${FIELD_IDS[column]}`)
      const values = `(SELECT ${one.columns.join()} FROM ${sqlRows(one.rows)})`
      const equalityIds = one.columns.map((column) => FIELD_IDS[column])
      const written = await write(name, values, `{${ids.join()}}`)
      const facts = { content: 'equality-deletes', recordCount: one.rows.length, equalityIds } as const
      deleteEntries.push(entryOf(name, one, { ...written, ...facts }))
    }
  }
  const index = new DeleteIndex(deleteEntries, [UNPARTITIONED, BY_KEY])
  const toDeleteFile = createDeleteFileBuilder({ schemas: SCHEMAS })
  const files: ScanFile[] = []
  let firstRowIndex = 0
  for (const [i, model] of data.entries()) {
    const written = await write(`data-${i}`, sqlRows(model.rows), '{k: 1, d: 2, s: 3}')
    const entry = entryOf(`data-${i}`, model, { ...written, recordCount: model.rows.length })
    const { fileSizeBytes, recordCount } = entry.dataFile
    const applied = index.findIndexes(entry).map((each) => toDeleteFile(deleteEntries[each] ?? entry, each))
    const { sequenceNumber: number } = model
    files.push({
      path: pathOf(i),
      fileSizeBytes,
      recordCount,
      firstRowIndex,
      sequenceNumber: number,
      constants: new Map(),
      deletes: applied,
    })
    firstRowIndex += recordCount
  }
  const open = ({ path: location }: { path: string }): ByteSource =>
    memorySource(location, blobs.get(location) ?? new Uint8Array(readFileSync(stored.get(location) ?? '')))
  return { files, open }
}

function sqlRows(rows: readonly Row[]): string {
  const values = rows.map(({ k, d, s }) => {
    const double = d === null ? 'NULL' : `'${d}'`
    return `(${k ?? 'NULL'}::BIGINT, ${double}::DOUBLE, ${s === null ? 'NULL' : `'${s}'`}::VARCHAR)`
  })
  return `(VALUES ${values.join()}) t(k, d, s)`
}

function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return { name, byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) }
}

describe('A delete file', () => {
  const deleteFile = (overrides: Partial<DeleteFile>): DeleteFile => ({
    index: 0,
    path: 'lake:/deletes',
    content: 'position-deletes',
    format: 'parquet',
    fileSizeBytes: 0,
    recordCount: 0,
    equalityIds: [],
    equalityFields: [],
    contentOffset: null,
    contentSizeBytes: null,
    referencedDataFile: null,
    ...overrides,
  })
  const neverOpened = () => Promise.reject(new Error('the data file is not needed'))
  const load = (file: DeleteFile, bytes: Uint8Array, recordCount = 10, dataPath = 'lake:/a') =>
    createDeleteLoader({ codecs: pageCodecs, open: () => memorySource(file.path, bytes) }).load(
      { path: dataPath, recordCount, deletes: [file] },
      neverOpened,
    )
  const writePositions = async (name: string, sql: string, options = '') => {
    const file = path.join(folder, `${name}.parquet`)
    const ids = 'FIELD_IDS {file_path: 2147483546, pos: 2147483545}'
    await duckdb.run(`COPY (${sql}) TO '${file}' (FORMAT parquet, ${ids}${options})`)
    const bytes = new Uint8Array(readFileSync(file))
    const [[recordCount] = []] = (await duckdb.runAndReadAll(`SELECT count(*)::INT FROM '${file}'`)).getRows()
    return { bytes, facts: { fileSizeBytes: bytes.length, recordCount: Number(recordCount) } }
  }

  test('in another format is refused by name', async () => {
    await expect(load(deleteFile({ format: 'orc' }), new Uint8Array())).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('lake:/deletes deletes rows and is written as ORC'),
      facts: { file: 'lake:/deletes', format: 'orc' },
    })
  })

  test('may be Avro', async () => {
    const schema = {
      type: 'record',
      name: 'position_delete',
      fields: [
        { name: 'file_path', type: 'string', 'field-id': 2_147_483_546 },
        { name: 'pos', type: 'long', 'field-id': 2_147_483_545 },
      ],
    }
    const rows = [
      { file_path: 'lake:/a', pos: 3n },
      { file_path: 'lake:/b', pos: 4n },
      { file_path: 'lake:/a', pos: 2n ** 62n },
      { file_path: 'lake:/a', pos: 9n },
    ]
    const bytes = buildAvroBytes(schema, [rows.slice(0, 2), rows.slice(2)])
    const deleted = await load(deleteFile({ format: 'avro', fileSizeBytes: bytes.length, recordCount: 4 }), bytes)
    expect([deleted.count, deleted.has(3), deleted.has(9)]).toEqual([2, true, true])
  })

  test('that names rows beyond the end of a file, or negative ones, deletes none there', async () => {
    const { bytes, facts } = await writePositions(
      'beyond',
      "SELECT 'lake:/a' AS file_path, unnest([-1, 3, 10, 4294967299, 9223372036854775807]::BIGINT[]) AS pos",
    )
    const deleted = await load(deleteFile(facts), bytes)
    expect([deleted.count, deleted.has(3)]).toEqual([1, true])
  })

  test('without positions or with a null among them is damaged', async () => {
    for (const [name, sql] of [
      ['null-path', 'SELECT NULL::VARCHAR AS file_path, 1::BIGINT AS pos'],
      ['null-pos', "SELECT 'lake:/a' AS file_path, NULL::BIGINT AS pos"],
    ] as const) {
      const { bytes, facts } = await writePositions(name, sql)
      await expect(load(deleteFile(facts), bytes)).rejects.toMatchObject({
        code: 'file-damaged',
        facts: { file: 'lake:/deletes' },
      })
    }
    const file = path.join(folder, 'no-columns.parquet')
    await duckdb.run(`COPY (SELECT 1 AS x) TO '${file}' (FORMAT parquet, FIELD_IDS {x: 1})`)
    const bytes = new Uint8Array(readFileSync(file))
    const facts = { recordCount: 1, fileSizeBytes: bytes.length }
    await expect(load(deleteFile(facts), bytes)).rejects.toMatchObject({ code: 'file-damaged' })
  })

  test('of many data files is read once, and only the row groups that may name a file', async () => {
    const { bytes, facts } = await writePositions(
      'shared',
      "SELECT printf('lake:/%02d', i // 4096) AS file_path, (i % 4096)::BIGINT AS pos FROM range(40960) t(i)",
      ', ROW_GROUP_SIZE 4096',
    )
    const reads: number[] = []
    const file = deleteFile({ ...facts, path: 'lake:/shared' })
    const loader = createDeleteLoader({
      codecs: pageCodecs,
      open: () => ({
        ...memorySource(file.path, bytes),
        read: async (start, end) => {
          reads.push(end - start)
          return bytes.slice(start, end)
        },
      }),
    })
    const loadFor = (dataPath: string) =>
      loader.load({ path: dataPath, recordCount: 5000, deletes: [file] }, neverOpened)
    expect((await loadFor('lake:/03')).count).toBe(4096)
    const { bytesRead } = loader.tally
    expect(bytesRead).toBeLessThan(bytes.length / 2)
    const [again, other] = await Promise.all([loadFor('lake:/03'), loadFor('lake:/03b')])
    expect([again.count, other.count]).toEqual([4096, 0])
    expect(loader.tally.bytesRead).toBe(bytesRead)
    expect((await loadFor('lake:/04')).count).toBe(4096)
    expect(reads.length).toBeLessThan(8)
  })

  test('that deletes by more values than fit in memory is refused by name', async () => {
    const file = path.join(folder, 'keys.parquet')
    await duckdb.run(`COPY (SELECT i AS k FROM range(20000) t(i)) TO '${file}' (FORMAT parquet, FIELD_IDS {k: 1})`)
    const bytes = new Uint8Array(readFileSync(file))
    const facts = { content: 'equality-deletes', recordCount: 20_000, fileSizeBytes: bytes.length } as const
    const loader = createDeleteLoader({
      codecs: pageCodecs,
      open: () => memorySource('lake:/deletes', bytes),
      limits: { deletesBytes: 100_000 },
    })
    const deletes = [deleteFile({ ...facts, equalityIds: [1], equalityFields: FIELDS.slice(0, 1) })]
    await expect(loader.load({ path: 'lake:/a', recordCount: 10, deletes }, neverOpened)).rejects.toMatchObject({
      code: 'too-large',
      facts: { file: 'lake:/deletes' },
    })
  })

  test('with a deletion vector must be of the data file, be where its manifest says and have as many positions', async () => {
    const blob = deletionVectorBlob([1, 4])
    const vector = (overrides: Partial<DeleteFile>) =>
      deleteFile({
        format: 'puffin',
        recordCount: 2,
        referencedDataFile: 'lake:/a',
        contentOffset: 0,
        contentSizeBytes: blob.length,
        ...overrides,
      })
    expect((await load(vector({}), blob)).count).toBe(2)
    for (const [overrides, message] of [
      [{ referencedDataFile: 'lake:/b' }, 'its deletion vector is of lake:/b, not of lake:/a'],
      [{ contentOffset: null }, 'does not say where the deletion vector is'],
      [{ contentSizeBytes: blob.length - 1 }, 'is damaged'],
      [{ recordCount: 3 }, 'it deletes 2 rows, but its manifest says 3'],
    ] as const) {
      await expect(load(vector(overrides), blob)).rejects.toMatchObject({
        code: 'file-damaged',
        message: expect.stringContaining(message),
        facts: { file: 'lake:/deletes' },
      })
    }
    await expect(load(vector({}), blob, 3)).rejects.toMatchObject({ code: 'file-damaged' })
    await expect(load(vector({ contentSizeBytes: 2 ** 40 }), blob)).rejects.toMatchObject({ code: 'too-large' })
    await expect(load(vector({}), blob, 2 ** 40)).rejects.toMatchObject({ code: 'too-large' })
  })
})
