import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryEngine } from '@/lib/query/engine'
import { rewriteFilesRuns } from '@/server/maintenance/rewrite-files/rewrite-run'
import { queueRewrite, REWRITE_FILES } from '@/server/maintenance/rewrite-files/rewrite-task'
import { appendFiles } from '@/server/table/commit/append-files'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createEngineHere } from '@/testing/engines/engine-here'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { fetchFromProgram } from '@/testing/http/program-fetch'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import {
  type Cell,
  type Columns,
  compare,
  exportCsv,
  inspectRows,
  openEngines,
  outcomeOf,
  query,
  readFilteredGrid,
  readGrid,
} from './doors'
import { ODD_FILES, type OddFile } from './odd-files'

/**
 * Odd data files at every door to the rows of a table. Each has the same rows everywhere; and where a column cannot be
 * read, every door has the others, and says of that one why.
 */

const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1' }, { createSqlEngine: createEngineHere })
let admin: SignedInUser
let engines: { browser: QueryEngine; server: QueryEngine }

beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['odd'], properties: {} })
  engines = await openEngines()
})
beforeEach(stubFetch)
afterAll(() => void vi.unstubAllGlobals())

/** The engine of the server, which runs in this process here, replaces `fetch`. */
function stubFetch(): void {
  vi.stubGlobal('fetch', fetchFromProgram(home.services, admin.cookie))
}

type OddTable = { identifier: TableIdentifier; filePath: string; snapshotIds: [before: string, after: string] }

/** Creates a table of a first file, which only has the first column with a 0, and of the odd one. */
async function createOddTable(name: string, { fields, bytes, rowCount, entry, properties = {} }: OddFile) {
  const { services } = home
  const catalog = await openTestCatalog(services)
  const identifier = { catalog: services.config.catalogName, namespace: ['odd'], table: name }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields },
    properties: { 'write.parquet.compression-codec': 'brotli', ...properties },
  })
  const { metadata } = await catalog.loadTable(identifier)
  const store = services.stores.catalogStore(identifier.catalog)
  const append = async (fileName: string, content: Uint8Array, facts: OddFile['entry']) => {
    const filePath = `${metadata.location}/data/${fileName}`
    await store.writeNew(filePath, content)
    const { snapshotId } = await appendFiles(services.log, {
      catalog,
      store,
      identifier,
      files: [sampleDataFile(filePath, { fileSizeBytes: content.length, ...facts })],
      specId: 0,
      schemaId: 0,
      actor: TEST_ACTOR,
      signal: new AbortController().signal,
    })
    return { filePath, snapshotId }
  }
  const [key] = fields
  if (!key || !bytes) throw new Error('the odd file is not there')
  const first = encodeColumns([{ field: key, values: [key.type === 'int' ? 0 : 0n] }])
  const before = await append('first.parquet', first, { recordCount: 1 })
  const { filePath, snapshotId } = await append('odd.parquet', bytes, { recordCount: rowCount, ...entry })
  return { identifier, filePath, snapshotIds: [before.snapshotId, snapshotId] } satisfies OddTable
}

/** As the hint of a failure says. */
const OTHERS = '* exclude ("odd")'

describe.each(ODD_FILES.map((file, i) => ({ ...file, name: `t${i}` })))('$kind', (file) => {
  const { name, bytes, fields, rowCount, readable, unreadable = {} } = file
  const good = Object.keys(readable)
  const [key = ''] = good
  const isWhole = Object.keys(unreadable).length === 0
  const held = file.unheld === undefined ? good : [key]
  const heldFields = fields.filter((field) => held.includes(field.name))
  const goodFields = fields.filter((field) => good.includes(field.name))
  let table: OddTable

  /** The reason names the file and the column. */
  const refusalOf = (column: string) => {
    const { code = '', reason = '' } = unreadable[column] ?? {}
    return { code, message: expect.stringMatching(`^\\S+\\.parquet: column ${column}\\b.*${reason}`) }
  }
  const unheld =
    file.unheld === undefined
      ? null
      : { code: 'not-supported', message: file.unheld, hint: expect.stringMatching(/^Leave out the column/) }
  const refusal = isWhole ? null : { ...refusalOf('odd'), hint: expect.stringContaining(`select ${OTHERS}`) }
  /** @param withFirst also the row of the first file */
  const expectedColumns = (columns: readonly NestedField[], withFirst: boolean) => {
    const cellsOf = (column: string): readonly unknown[] =>
      readable[column] ?? Array.from({ length: rowCount }, () => refusalOf(column))
    return Object.fromEntries(
      columns.map((column, i) => [
        column.name,
        [...(withFirst ? [i === 0 ? '0' : null] : []), ...cellsOf(column.name)],
      ]),
    )
  }
  const all = expectedColumns(fields, true)
  const select = (columns: readonly string[]) => `select ${columns.join(', ')} from odd.${name}`

  describe.skipIf(bytes === null)('(skipped if the file is not there)', () => {
    beforeAll(async () => {
      table = await createOddTable(name, file)
    })

    it('is shown in the grid, with and without a filter', async () => {
      expect(await readGrid(table.identifier)).toEqual(all)
      const shown = await readFilteredGrid(table.identifier, `${key} > 1`)
      const isShown = all[key]?.map((cell) => Number(cell) > 1) ?? []
      expect(shown).toEqual(
        Object.fromEntries(Object.entries(all).map(([column, cells]) => [column, cells.filter((_, i) => isShown[i])])),
      )
    })

    it('is filtered by its second column', async () => {
      const { name: column = '' } = fields[1] ?? {}
      const isShown = (row: number) => all[column]?.[row] !== null
      const shown = Object.entries(all).map(([other, cells]) => [other, cells.filter((_, row) => isShown(row))])
      const filtered = await outcomeOf(() => readFilteredGrid(table.identifier, `${column} is not null`))
      expect(filtered).toEqual(refusal ?? Object.fromEntries(shown))
    })

    it.each(['browser', 'server'] as const)('is queried in the %s', async (engine) => {
      const run = (sql: string) => {
        stubFetch()
        return outcomeOf(() => query(engines[engine], 'local', sql))
      }
      expect(await run(select(['*']))).toEqual(unheld ?? refusal ?? all)
      for (const columns of [held, ...(refusal === null ? [] : [[OTHERS]])]) {
        expect(await run(select(columns))).toEqual(expectedColumns(heldFields, true))
      }
    })

    it('is exported', async () => {
      const lines = (columns: Columns) =>
        Array.from({ length: 1 + rowCount }, (_, row) =>
          Object.values(columns)
            .map((cells) => toCsvField(cells[row] ?? null))
            .join(','),
        ).toSorted()
      const run = (columns: readonly string[]) => outcomeOf(() => exportCsv(table.identifier, columns))
      expect(await run(fields.map((field) => field.name))).toEqual(refusal ?? lines(all as Columns))
      expect(await run(good)).toEqual(lines(expectedColumns(goodFields, true) as Columns))
    })

    it('is shown in the inspector, with its own columns', async () => {
      const { columns } = await inspectRows(table.identifier, table.filePath, rowCount)
      expect(columns).toEqual(file.stored ?? expectedColumns(fields, false))
    })

    it('is compared with an earlier snapshot', async () => {
      const run = (columns: readonly string[] | null) =>
        outcomeOf(() => compare(table.identifier, table.snapshotIds, columns))
      const compared = fields.filter(({ type }) => typeof type === 'string' || type.type !== 'struct')
      const rows = expectedColumns(compared, false)
      expect(await run(null)).toEqual(refusal ?? { inCount: rowCount, rows })
      expect(await run(good)).toEqual({ inCount: rowCount, rows })
    })

    // The last one, because the table has other files from here on.
    it('is rewritten if its pages can be read, and has the same rows', async () => {
      const { services } = home
      const loaded = await (await openTestCatalog(services)).loadTable(table.identifier)
      const { id } = await queueRewrite(services.database, loaded, TEST_ACTOR)
      const run = await runQueuedRun(services, id, { [REWRITE_FILES]: rewriteFilesRuns(services) })
      const isRewritten = isWhole || file.stored !== undefined
      expect(run).toMatchObject({
        error: null,
        outcome: isRewritten ? { filesRewritten: 2, filesSkipped: 0 } : { filesRewritten: 1, filesSkipped: 1 },
      })
      expect(await readGrid(table.identifier)).toEqual(all)
    })
  })
})

it('Bounds that are not values of their types are null in $files and $entries', async () => {
  const file = ODD_FILES.find(({ entry }) => entry !== undefined)
  if (!file) throw new Error('no odd file has an entry of its own')
  const { identifier } = await createOddTable('bounds', file)
  const run = (sql: string) => query(engines.browser, identifier.catalog, sql)
  expect((await run('select * from odd.bounds$entries'))['status']).toEqual(['1', '1'])
  const { bounds } = await run(
    `select record_count, readable_metrics.odd.lower_bound bounds from odd.bounds$files order by 1`,
  )
  expect(bounds).toEqual([null, null])
})

it('A file of a format that is not read is refused with one sentence at every door', async () => {
  const whole = ODD_FILES.find(({ kind }) => kind === 'half floats of a double')
  if (!whole) throw new Error('the odd file is not there')
  const { identifier, snapshotIds } = await createOddTable('orc', { ...whole, entry: { fileFormat: 'orc' } })
  const refused = {
    code: 'not-supported',
    message:
      'This snapshot has at least 1 ORC file among its 2 data files, but Lakeshore reads only Parquet and Avro. Its rows are not shown, because some would be missing.',
  }
  const doors = {
    grid: () => readGrid(identifier),
    filter: () => readFilteredGrid(identifier, 'id > 1'),
    browser: () => query(engines.browser, 'local', 'select id from odd.orc'),
    server: () => query(engines.server, 'local', 'select id from odd.orc'),
    export: () => exportCsv(identifier, ['id']),
    compare: () => compare(identifier, snapshotIds, null),
  }
  const outcomes: Record<string, unknown> = {}
  for (const [door, open] of Object.entries(doors)) {
    stubFetch()
    outcomes[door] = await outcomeOf<unknown>(open)
  }
  expect(outcomes).toEqual(Object.fromEntries(Object.keys(doors).map((door) => [door, refused])))
})

/** Plain CSV has JSON without blanks, and ISO's times. */
function toCsvField(cell: Cell): string {
  if (typeof cell !== 'string') return ''
  if (/^[+-]?\d{4,}-\d\d-\d\d /.test(cell)) return cell.replace(' ', 'T')
  const text = cell.replaceAll(/([,:]) /g, '$1')
  return text.includes(',') ? `"${text.replaceAll('"', '""')}"` : text
}
