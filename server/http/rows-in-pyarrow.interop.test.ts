import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addConnection } from '@/lib/contract/connections'
import { readTableRows } from '@/lib/contract/table/rows'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { encodeRows } from '@/lib/scan/output/encode-rows'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import { goldenConnection, GOLDEN_SETTINGS } from '@/testing/golden/golden-connection'
import { type GoldenRead, type GoldenTable, type GoldenValue, listGoldenTables } from '@/testing/golden/golden-tables'
import { normalizeGoldenValue, sortGolden } from '@/testing/golden/golden-value'
import { createGoldenReader, openGoldenScan } from '@/testing/golden/open-golden-scan'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { type PythonSession, startPython } from '@/testing/peers/python-session'

/**
 * PyArrow reads the formats in which the product sends and exports rows, and finds the same rows as the engines that
 * recorded the golden tables.
 */
const python = installPyiceberg()
const home = createTestHome(GOLDEN_SETTINGS)
const FORMATS = ['arrow', 'parquet', 'csv', 'ndjson'] as const
type Format = (typeof FORMATS)[number]
type Found = Record<Format, GoldenValue[][]> & { ids: string[]; types: string[] }

/** Its files are ORC. */
const tables = listGoldenTables().filter(({ name }) => name !== 'spark_orc')

describe.skipIf(python === null)('PyArrow (skipped when Python is unavailable)', () => {
  let folder: string
  let session: PythonSession
  let admin: SignedInUser
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rows-'))
    session = startPython({ name: 'pyarrow', python: String(python), program: 'pyarrow_session.py', settings: {} })
    admin = await signInAs(home.services, 'admin')
    const handler = await loadRouteHandler(home.services, addConnection)
    const request = new Request('http://127.0.0.1:3000/api/v1/connections', {
      method: 'POST',
      headers: { cookie: admin.cookie, origin: home.config.publicUrl, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'engines', settings: goldenConnection(), secrets: {} }),
    })
    const added = await handler(request, { params: Promise.resolve({}) })
    if (!added.ok) throw new Error(await added.text())
  })
  afterAll(async () => {
    await session?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function requestRows(table: string, { snapshotId, ref }: GoldenRead, format: Format): Promise<Buffer> {
    const handler = await loadRouteHandler(home.services, readTableRows)
    const query = new URLSearchParams({ format, ...(snapshotId ? { snapshot: snapshotId } : { ref: ref ?? '' }) })
    const response = await handler(new Request(`http://test/x?${query}`, { headers: { cookie: admin.cookie } }), {
      params: Promise.resolve({ catalog: 'engines', namespace: 'golden', table }),
    })
    if (!response.ok) throw new Error(await response.text())
    return Buffer.from(await response.arrayBuffer())
  }

  async function read(table: GoldenTable, target: GoldenRead): Promise<Found> {
    const files = Object.fromEntries(FORMATS.map((format) => [format, path.join(folder, `rows.${format}`)]))
    for (const format of FORMATS) {
      const bytes =
        format === 'parquet' ? await encodeParquet(table, target) : await requestRows(table.name, target, format)
      writeFileSync(files[format] ?? '', bytes)
    }
    const variants = fieldsAt(table, target).flatMap(({ type, name }) => (type === 'variant' ? [name] : []))
    return await session.request<Found>({ ...files, variants })
  }

  it.each(tables)('reads $name as the engines did, in every format', async (table) => {
    for (const target of table.reads) {
      const fields = fieldsAt(table, target)
      const found = await read(table, target)
      expect(found.ids).toEqual(fields.map(({ id }) => String(id)))
      for (const format of FORMATS) {
        const expected = target.rows.map((row) => fields.map(({ type }, i) => toExpected(type, row[i] ?? null, format)))
        const rows = found[format].map((row) => fields.map(({ type }, i) => normalizeGoldenValue(type, row[i] ?? null)))
        expect(sortGolden(rows), format).toEqual(sortGolden(expected))
      }
    }
  })
})

function fieldsAt(table: GoldenTable, { snapshotId, ref }: GoldenRead): readonly NestedField[] {
  const metadata = readTableMetadata(readFileSync(path.join(table.folder, table.metadata), 'utf8'))
  return resolveAsOf(metadata, { ...(snapshotId && { snapshotId }), ...(ref && { ref }) }).schema.fields
}

async function encodeParquet(table: GoldenTable, target: GoldenRead): Promise<Buffer> {
  const scan = await openGoldenScan(table, target)
  const reader = createGoldenReader(scan, scan.schema.fields)
  const pieces: Uint8Array[] = []
  const rows = encodeRows({
    readRows: (options) => reader.readRows(options),
    fieldIds: scan.schema.fields.map(({ id }) => id),
    encoder: createParquetEncoder(scan.schema.fields),
    limit: Number.POSITIVE_INFINITY,
  })
  for await (const { bytes } of rows) pieces.push(bytes)
  return Buffer.concat(pieces)
}

/** In NDJSON a null of a variant is a null. */
function toExpected(type: Type, value: GoldenValue, format: Format): GoldenValue {
  if (type === 'variant' && format === 'ndjson' && value === 'null') return null
  return normalizeGoldenValue(type, value)
}
