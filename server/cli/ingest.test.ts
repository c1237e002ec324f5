import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { COMPRESSION_CODECS } from '@/lib/iceberg/properties/compression'
import { useShortPauses } from '@/testing/clock'
import { changeSql, touchesTable } from '@/testing/databases/change-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { createTestLocations } from '@/testing/ingest/test-locations'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { findProposal, listProposals } from '@/server/db/catalog/proposals'
import { readLog } from '@/server/db/jobs/run-logs'
import { listRuns, requestCancel } from '@/server/db/jobs/runs'
import { runLakeshore } from './lakeshore'
import { progressBar } from './terminal/progress-line'

const locations = await createTestLocations()
const home = createTestHome(locations.settings, STAGE_HERE)

// The command polls for the end of its run.
beforeEach(() => useShortPauses())
afterAll(() => locations.remove())
async function lakeshore(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    args,
    {
      print: (line) => out.push(line),
      printMessage: (line) => said.push(line),
      prompt: async () => null,
      signal: new AbortController().signal,
    },
    () => home.services,
  )
  return { code, out, said: said.join('\n') }
}

function inHome(name: string, text: string): string {
  const file = path.join(home.config.homeDir, name)
  writeFileSync(file, text)
  return file
}

const THINGS = { catalog: 'local', namespace: ['new'], table: 'things' }
const SCHEMA =
  '{"type":"struct","fields":[{"id":1,"name":"id","required":true,"type":"long"},{"id":2,"name":"at","required":false,"type":"date"}]}'

describe('lakeshore ingest', () => {
  it('creates a table from a file, appends another file, and reports the result', async () => {
    const schema = inHome('schema.json', SCHEMA)
    const first = inHome('first.csv', 'id,at\n1,2001-01-31\n2,2001-02-01\n')
    const firstLoad = await lakeshore(
      'ingest',
      '--table',
      'new.things',
      '--file',
      first,
      '--create-schema',
      schema,
      '--partition-by',
      'month(at)',
      '--property',
      'owner=me=you',
    )
    expect(firstLoad.said).toMatch(/^2 rows in 2 files, .* as snapshot \d+ in /)
    expect(firstLoad.code).toBe(0)
    expect(JSON.parse(firstLoad.out[0] ?? '')).toMatchObject({
      rowsCommitted: 2,
      rowsRejected: 0,
      runId: (await listRuns(home.database, { limit: 1 }))[0]?.id,
    })

    const more = inHome('more.ndjson', '{"id":3}\n{"id":"x"}\n')
    const failed = await lakeshore('ingest', '--table', 'new.things', '--file', more)
    expect(failed).toMatchObject({ code: 1, out: [] })
    expect(failed.said).toContain('Rows of the input do not fit the table: 1 of 2 rows does not fit the table.')
    expect(failed.said).toContain('rejectsFile: ')
    expect(failed.said).toContain(`runId: ${(await listRuns(home.database, { limit: 1 }))[0]?.id}`)
    const allowed = ['--allow-rejects', '1', '--allow-null-columns']
    const appended = await lakeshore('ingest', '--table', 'new.things', '--file', more, ...allowed)
    expect(appended.said).toContain(
      `1 row rejected. npm run lakeshore -- jobs rejects ${JSON.parse(appended.out[0] ?? '').runId}`,
    )

    const { metadata } = await (await openTestCatalog(home.services)).loadTable({
      catalog: 'local',
      namespace: ['new'],
      table: 'things',
    })
    expect(metadata.properties).toMatchObject({ owner: 'me=you' })
    expect(metadata.partitionSpecs[0]?.fields[0]).toMatchObject({ name: 'at_month', transform: 'month' })
    expect(metadata.snapshots.map(({ summary }) => summary['total-records'])).toEqual(['2', '3'])
  })

  it.each(COMPRESSION_CODECS)('loads into a table with %s', async (codec) => {
    const table = `codecs.${codec}`
    const schema = inHome('schema.json', SCHEMA)
    const file = inHome('codec.csv', 'id,at\n1,2001-01-31\n2,2001-02-01\n')
    const property = `write.parquet.compression-codec=${codec}`
    const args = ['--table', table, '--file', file, '--create-schema', schema, '--property', property]
    const { code, said } = await lakeshore('ingest', ...args)
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('2 rows in 1 file') })
  })

  it('proposes a load with the digest of its file, and loads nothing', async () => {
    const table = { catalog: 'local', namespace: ['new'], table: 'things' }
    const file = inHome('proposed.csv', 'id,at\n4,\n')
    const load = (...more: string[]) => lakeshore('ingest', '--table', 'new.things', '--file', file, ...more)
    const before = (await listRuns(home.database, { limit: 500 })).length
    await home.database.commit([setPolicyChange(table, { requiresProposal: true, by: 'ada' })])
    const refused = await load()
    expect(refused).toMatchObject({ code: 1, out: [] })
    expect(refused.said).toContain(
      'on the page Load, or with npm run lakeshore -- ingest <namespace.table> <file> --propose <title>.',
    )
    expect((await load('--propose', 'two\nlines')).code).toBe(2)

    const { code, said } = await load('--allow-rejects', '3', '--propose', 'Rows of May', '--note', 'as agreed')
    expect(code, said).toBe(0)
    expect(said).toMatch(/^The load of proposed[.]csv, 9 B, is proposed \(\w+\)[.] Nothing was loaded[.]$/)
    await home.database.commit([setPolicyChange(table, { requiresProposal: false, by: 'ada' })])
    expect(await listRuns(home.database, { limit: 500 })).toHaveLength(before)
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
    const [listed] = await listProposals(home.database, {
      ...table,
      entryKind: 'table',
      tableUuid: metadata.tableUuid,
      limit: 1,
    })
    expect(await findProposal(home.database, listed?.proposalId ?? '')).toMatchObject({
      title: 'Rows of May',
      note: 'as agreed',
      proposedBy: { username: COMMAND_LINE.username },
      action: {
        kind: 'load',
        input: `file://${file}`,
        format: 'csv',
        ignoreExtra: false,
        maxRejectedRows: 3,
        sizeBytes: 9,
        sha256: createHash('sha256').update('id,at\n4,\n').digest('hex'),
      },
    })
    const missing = await lakeshore('ingest', '--table', 'new.none', '--file', file, '--propose', 'Rows')
    expect(missing).toMatchObject({ code: 1, out: [] })
  })

  it('proposes several files with all that differs from the usual options', async () => {
    const [first, second] = [inHome('p1.csv', 'nr;at\n4;\n'), inHome('p2.csv', 'nr;at\n5;\n')]
    const options = ['--map', 'id=nr', '--delimiter', ';', '--reject-share', '2', '--operation', 'replace-table']
    const { code, said } = await lakeshore('ingest', 'new.things', first, second, ...options, '--propose', 'Two files')
    expect(code, said).toBe(0)
    expect(said).toMatch(/^The load of p1[.]csv and 1 other file, 18 B, is proposed/)
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(THINGS)
    const of = { ...THINGS, entryKind: 'table' as const, tableUuid: metadata.tableUuid, limit: 1 }
    const [listed] = await listProposals(home.database, of)
    const proposal = await findProposal(home.database, listed?.proposalId ?? '')
    expect(proposal?.action).toMatchObject({
      kind: 'load',
      input: `file://${first}`,
      otherFiles: [
        { input: `file://${second}`, sizeBytes: 9, sha256: createHash('sha256').update('nr;at\n5;\n').digest('hex') },
      ],
      csv: { delimiter: ';' },
      mapping: { columns: { id: { field: 'nr' } }, ignoredFields: [] },
      maxRejectedShare: 0.02,
      landing: { operation: 'replace-table', branch: null },
    })
  })

  it('loads files of a location, and lists them', async () => {
    for (const [name, id] of [
      ['may/b.csv', 21],
      ['may/a.csv', 20],
      ['june/c.csv', 22],
    ] as const)
      locations.put('drop', name, `id,at\n${id},\n`)
    const load = await lakeshore(
      'ingest',
      'new.things',
      '--location',
      'drop',
      '--match',
      'may/*.csv',
      '--path',
      'june/c.csv',
    )
    expect(load.code, load.said).toBe(0)
    expect(JSON.parse(load.out[0] ?? '')).toMatchObject({ rowsCommitted: 3 })
    expect((await listRuns(home.database, { limit: 1 }))[0]?.title).toBe('Load drop/may/*.csv and 1 other file')
    const previewed = ['ingest', 'new.things', '--location', 'drop', '--match', 'may/*.csv', '--preview'] as const
    const repeated = await lakeshore(...previewed)
    expect([repeated.code, repeated.said]).toEqual([1, expect.stringContaining('a.csv was loaded before by run')])
    const preview = await lakeshore(...previewed, '--load-again')
    expect(preview.code, preview.said).toBe(0)
    expect(preview.out.join('\n')).toContain('20')
    expect((await lakeshore('ingest', 'new.things', '--location', 'none', '--path', 'x.csv')).said).toContain(
      'There is no location none to load from.',
    )
    expect((await lakeshore('ingest', 'new.things', '--location', 'drop', '--path', '../x.csv')).code).toBe(1)

    expect((await lakeshore('locations')).out).toEqual(['drop', 'landing'])
    const listed = await lakeshore('locations', 'drop', '--match', 'may/**')
    expect(listed.out.map((line) => line.split('\t').slice(0, 2))).toEqual([
      ['may/a.csv', '10'],
      ['may/b.csv', '10'],
    ])
    expect(listed.said).toBe('2 files, 20 B.')
    expect((await lakeshore('locations', 'none')).code).toBe(1)
    expect((await lakeshore('locations', '--match', 'x')).code).toBe(2)
  })

  it('upserts into a branch, and reports the rows by their keys', async () => {
    const schema = inHome(
      'keyed.json',
      '{"type":"struct","identifier-field-ids":[1],"fields":[{"id":1,"name":"id","required":true,"type":"long"}]}',
    )
    const load = (text: string, ...more: string[]) =>
      lakeshore('ingest', '--table', 'new.keyed', '--file', inHome('keyed.csv', text), ...more)
    await load('id\n1\n2\n', '--create-schema', schema)
    const { code, said, out } = await load('id\n2\n2\n3\n', '--operation', 'upsert', '--branch', 'audit')
    expect(code, said).toBe(0)
    expect(said).toContain('1 row updated, 1 row inserted.\n1 row left out, because a later one has the same key.')
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ rowsUpdated: 1, rowsInserted: 1, rowsSuperseded: 1 })
    const { metadata } = await (await openTestCatalog(home.services)).loadTable({
      catalog: 'local',
      namespace: ['new'],
      table: 'keyed',
    })
    expect(Object.keys(metadata.refs).sort()).toEqual(['audit', 'main'])
    const replaced = await load('id\n9\n', '--operation', 'replace-table')
    expect(replaced.said).not.toContain('updated')
  })

  it('says when the input has no rows', async () => {
    const file = inHome('empty.csv', 'id,at\n')
    expect(await lakeshore('ingest', '--table', 'new.things', '--file', file, '--allow-rejects')).toMatchObject({
      code: 0,
      said: expect.stringContaining('The input has no rows, so no snapshot was created'),
    })
  })

  it('says when every row was rejected, so also the log of the run', async () => {
    const file = inHome('rejected.csv', 'id,at\nx,\ny,\n')
    const { code, said } = await lakeshore('ingest', '--table', 'new.things', '--file', file, '--allow-rejects')
    expect(code).toBe(0)
    expect(said).toMatch(/^Every row of the input was rejected, so no snapshot was created \(.*\)[.]$/m)
    expect(said).toContain('2 rows rejected. ')
    expect(said).not.toContain('no rows')
    const [run] = await listRuns(home.database, { limit: 1 })
    const lines = await readLog(home.database, run?.id ?? '', 0, 100)
    expect(lines.map(({ text }) => text)).toContain('Every row of the input was rejected, so no snapshot is created.')
  })

  it('says that a cancel came too late when the file is already loaded', async () => {
    // During the commit.
    const database = home.database
    const { commit } = database
    const spy = vi.spyOn(database, 'commit').mockImplementation(async (changes) => {
      if (
        touchesTable(changes, 'iceberg_tables') &&
        changes.some((change) => changeSql(change).includes('"outcome" = '))
      ) {
        const [run] = await listRuns(database, { states: ['running'], limit: 1 })
        await requestCancel(database, run?.id ?? '')
      }
      return commit(changes)
    })
    onTestFinished(() => spy.mockRestore())
    const file = inHome('late.csv', 'id,at\n7,\n')
    const { code, said } = await lakeshore('ingest', '--table', 'new.things', '--file', file)
    expect(code).toBe(0)
    expect(said).toMatch(/^The cancel came too late: the file is loaded[.]\n1 row in 1 file/)
  })

  it.each([
    [['--file', 'x.csv'], 'the table is missing'],
    [['--table', 'a.b'], 'the file is missing'],
    [['a.b'], 'the file is missing'],
    [['--table', 'b', '--file', 'x.csv'], '"b" is not a name such as demo.flights'],
    [['--table', 'a.b', '--file', 'x.txt'], 'give --format'],
    [
      ['--table', 'a.b', '--file', 'x', '--format', 'xml'],
      '--format is one of csv, ndjson, json, parquet, avro, arrow, tsv, not "xml"',
    ],
    [['--table', 'a.b', '--file', 'x.csv', '--partition-by', 'c'], 'use them with --create or --create-schema'],
    [['--table', 'a.b', '--file', 'x.csv', '--allow-rejects=many'], 'takes a whole number, not "many"'],
    [['a.b', 'x.csv', './x.csv'], 'x.csv is given twice'],
    [['a.b', 'x.csv', 'y.json.gz'], 'one format, but x.csv is csv and y.json.gz is json'],
    [['a.b', 'x.csv', '--reject-share', '101'], 'takes a percentage from 0 to 100, such as 0.5, not "101"'],
    [['a.b', 'x.csv', '--reject-share', '1e1'], 'takes a percentage from 0 to 100'],
    [['a.b', 'x.csv', '--json'], '--json belongs to --preview'],
    [['a.b', 'x.csv', '--propose', 'y', '--preview'], '--propose and --preview contradict each other'],
    [['a.b', 'x.csv', '--create', '--create-schema', 'y'], '--create and --create-schema contradict each other'],
    [['a.b', 'x.csv', '--create', '--set', 'y=1'], '"y" is none: declare it with --create-schema'],
    [['a.b', '--location', 'drop'], '--location drop needs --path or --match'],
    [['a.b', '--location', 'drop', '--location', 'landing', '--path', 'x.csv'], '--location drop needs --path'],
    [['a.b', '--path', 'x.csv'], '--path belongs to a --location before it'],
    [['a.b', 'x.json', '--delimiter', ';'], '--delimiter is for CSV, and the files are read as json'],
    [['a.b', 'x.csv', '--map', 'id'], `--map takes a column and its source, such as --map 'id=Order No.', not "id"`],
    [['--table', 'a.b', '--file', 'x.csv', '--note', 'y'], '--note belongs to --propose'],
    [['--table', 'a.b', '--file', 'x.csv', '--operation', 'merge'], '--operation is one of append, replace-partitions'],
    [['--table', 'a.b', '--file', 'x.csv', '--branch', ''], '--branch is the name of a branch'],
    [['--table', 'a.b', '--file', 'x.csv', '--propose', 'y', '--create-schema', 'z'], '--propose is for a table that'],
  ])('refuses arguments it cannot use: %j', async (args, message) => {
    const { code, said } = await lakeshore('ingest', ...args)
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining(message) })
  })

  it('refuses a schema before it queues a run', async () => {
    const before = (await listRuns(home.database, { limit: 500 })).length
    const args = ['ingest', '--table', 'a.b', '--file', 'x.csv', '--create-schema']
    expect(await lakeshore(...args, '/nowhere.json')).toMatchObject({
      code: 1,
      said: 'Damaged or unreadable file: There is no schema file /nowhere.json.',
    })
    expect(await lakeshore(...args, home.config.homeDir)).toMatchObject({
      code: 1,
      said: `Damaged or unreadable file: The schema file ${home.config.homeDir} cannot be read.`,
    })
    const schema = inHome('schema.json', SCHEMA)
    const unknown = await lakeshore(...args, schema, '--partition-by', 'month(nothing)')
    expect(unknown.said).toContain('Column nothing does not exist. Partition by a column of the table.')
    const property = await lakeshore(...args, schema, '--property', 'owner')
    expect(property).toMatchObject({ code: 2, said: expect.stringContaining('"owner" is not a property') })
    expect(await listRuns(home.database, { limit: 500 })).toHaveLength(before)
  })
})

describe('A progress bar', () => {
  it.each([
    [0, '░░░░░░░░░░░░░░░░░░░░░░░░   0 %'],
    [0.5, '████████████░░░░░░░░░░░░  50 %'],
    [1.2, '████████████████████████ 100 %'],
  ])('of %d', (share, bar) => {
    expect(progressBar(share)).toBe(bar)
  })
})
