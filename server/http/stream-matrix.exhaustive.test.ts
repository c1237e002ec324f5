import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Resource, type Role, ROLES } from '@/lib/permissions'
import { addDeleteFiles } from '@/testing/catalogs/add-delete-files'
import { createTableOfFiles, type TableOfFiles } from '@/testing/catalogs/table-of-files'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { requestWith } from '@/testing/contract/request-with'
import { createEngineHere } from '@/testing/engines/engine-here'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleViewVersion } from '@/testing/iceberg/sample-view'
import { EVERYONE, putGrantChanges } from '@/server/db/auth/grants'
import { queueRun } from '@/server/db/jobs/runs'
import { toIngestTask } from '@/server/ingest/run/ingest-spec'
import { recordsLocation } from '@/server/ingest/run/rejects/rejected-records-file'
import { rawChange } from '@/testing/databases/test-sql'

/**
 * Every route that streams bytes, rows or events, for every role on every level. The needs of a route are a case here;
 * a new route without one fails.
 */

const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1' }, { createSqlEngine: createEngineHere })

const LEVELS: Record<string, Resource[]> = {
  catalog: [{ catalog: 'local' }],
  namespace: [{ catalog: 'local', namespace: ['ours'] }],
  table: ['t', 'empty'].map((table) => ({ catalog: 'local', namespace: ['ours'], table })),
}
const CONTENT = 'content of a file of ours'
const SECRET = 'content of a hidden file'
/** All users may read this table, and nothing else. */
const SHARED = { catalog: 'local', namespace: ['shared'], table: 's' }

type Person = SignedInUser & { level: string; role: Role | null }
const people: Person[] = []
let ours: TableOfFiles
let hidden: TableOfFiles
let sibling: TableOfFiles
let hiddenFile: string
let hiddenMetadata: string

beforeAll(async () => {
  const { warehouse } = home.config
  const catalog = await openTestCatalog(home.services)
  hiddenFile = `${warehouse}/hidden_ns/t/data/a.parquet`
  const siblingFile = `${warehouse}/ours/hidden_sibling/data/a.parquet`
  const ownFile = `${warehouse}/ours/t/data/a.parquet`
  const loose = `${warehouse}/hidden_loose/a.parquet`
  hidden = await createTableOfFiles(home.services, 't', [hiddenFile], 'hidden_ns')
  sibling = await createTableOfFiles(home.services, 'hidden_sibling', [siblingFile], 'ours')
  // It names files of others, as a careless writer could.
  const named = [ownFile, hiddenFile, loose]
  ours = await createTableOfFiles(home.services, 't', named, 'ours')
  for (const [table, files] of [
    [ours, named],
    [hidden, [hiddenFile]],
    [sibling, [siblingFile]],
  ] as const) {
    const deletes = files.map((file) => sampleDataFile(file, { content: 'position-deletes' }))
    await addDeleteFiles(home.services, table.identifier, deletes)
  }
  // A table does not get a folder that has files.
  for (const location of [...named, siblingFile]) {
    const file = location.slice('file://'.length)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, location === ownFile ? CONTENT : SECRET)
  }
  hiddenMetadata = (await catalog.loadTable(hidden.identifier)).metadataLocation
  await catalog.write({ kind: 'create-namespace', namespace: ['shared'], properties: {} })
  for (const identifier of [SHARED, { ...ours.identifier, table: 'empty' }, { ...hidden.identifier, table: 'empty' }]) {
    await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  }
  await catalog.write({
    kind: 'create-view',
    view: { catalog: 'local', namespace: ['shared'], view: 'v' },
    schema: ONE_COLUMN_SCHEMA,
    version: sampleViewVersion({
      schemaId: 0,
      representations: [{ type: 'sql', sql: 'select * from local.hidden_ns.empty', dialect: 'spark' }],
    }),
  })
  const shared = [SHARED, { ...SHARED, table: 'v' }].flatMap((on, i) =>
    putGrantChanges({ grantId: `shared ${i}`, holder: EVERYONE, role: 'viewer', resource: on, createdBy: 'a test' }),
  )
  await home.database.commit(shared)
  people.push({ ...(await signInAs(home.services, null)), level: 'nothing', role: null })
  for (const [level, resources] of Object.entries(LEVELS)) {
    for (const role of ROLES) {
      const user = await signInAs(home.services, null)
      const holder = { kind: 'user', id: user.userId } as const
      const grants = resources.flatMap((on, i) =>
        putGrantChanges({ grantId: `${level} ${role} ${i}`, holder, role, resource: on, createdBy: 'a test' }),
      )
      await home.database.commit(grants)
      people.push({ ...user, level, role })
    }
  }
  people.push({ ...(await signInAs(home.services, 'admin')), level: 'everything', role: 'admin' })
})

/** The result of a route for a person: `whole`, or the code of the problem that refuses it. */
type Outcome = string
type Case = {
  /** Requests something in `ours`, as every role there may. */
  inside?: (person: Person) => Promise<Outcome>
  /** Requests resources that only users with a role on the whole catalog may have. */
  outside: Record<string, (person: Person) => Promise<Outcome>>
  /** Who may use the route at all; by default users with a role on the resource that it names. */
  isFor?: (person: Person) => boolean
}

const isOfCatalog = ({ level }: Person) => level === 'catalog' || level === 'everything'

async function send(name: string, fields: Record<string, unknown>, { cookie }: Person, signal?: AbortSignal) {
  const endpoint = findEndpoint(name)
  const { request, params } = requestWith(endpoint, fields, cookie)
  const route = await loadRouteHandler(home.services, endpoint)
  return route(new Request(request, signal ? { signal } : {}), { params: Promise.resolve(params) })
}

/** @param isExpected whether the response has the requested text */
async function outcomeOf(response: Response, isExpected: (text: string) => boolean = () => true): Promise<Outcome> {
  const text = await response.text()
  if (!response.ok) return (JSON.parse(text) as { code: string }).code
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  if (last.startsWith('{"problem"')) return (JSON.parse(last) as { problem: { code: string } }).problem.code
  return isExpected(text) ? 'whole' : `unexpected: ${text}`
}

const toParams = (table: TableOfFiles) => ({
  catalog: 'local',
  namespace: table.identifier.namespace[0],
  table: table.identifier.table,
})
const EMPTY = { catalog: 'local', namespace: 'ours', table: 'empty' }

/** The bytes of a file of a plan, by the index of the file. */
const planned = (name: string) => {
  const read = (table: () => TableOfFiles, index: number, text: string) => async (person: Person) =>
    outcomeOf(await send(name, { token: table().signToken(person.userId), index }, person), (sent) => sent === text)
  return {
    inside: read(() => ours, 0, CONTENT),
    outside: {
      'a hidden table': read(() => hidden, 0, SECRET),
      'a hidden table of the namespace': read(() => sibling, 0, SECRET),
      'a file of a hidden table': read(() => ours, 1, SECRET),
      'a file of no table': read(() => ours, 2, SECRET),
    },
  }
}

/** A statement on the server. */
const sql =
  (text: () => string) =>
  async (person: Person): Promise<Outcome> => {
    const query = { sql: text(), cursor: 0, connection: 'local', connections: ['local'], maxRows: 10 }
    return outcomeOf(await send('runQueryOnServer', query, person))
  }

const REJECTED = 'id\nx\n'

/** A load of another user that has saved its rejected rows. @returns the id of its run */
async function loadWithRejects({ identifier }: TableOfFiles): Promise<string> {
  const { config, database, services } = home
  const actor = { userId: 'u', username: 'someone', role: 'editor' } as const
  const spec = {
    input: [{ location: 'file:///lake/a.csv' }],
    format: 'csv' as const,
    ignoreExtra: false,
    maxRejectedRows: 1,
    create: null,
  }
  const runId = await queueRun(database, toIngestTask(identifier, spec, actor))
  await database.commit([
    rawChange("UPDATE runs SET state = 'succeeded', outcome = ? WHERE id = ?", ['{"recordsSaved":1}', runId]),
  ])
  await services.stores.warehouseStore().writeNew(recordsLocation(config, runId), Buffer.from(REJECTED))
  return runId
}

const CASES: Record<string, Case> = {
  readFileBytes: planned('readFileBytes'),
  readDeleteFileBytes: planned('readDeleteFileBytes'),
  readSnapshotFile: {
    inside: async (person) => {
      const file = `${home.config.warehouse}/ours/t/data/a.parquet`
      return outcomeOf(await send('readSnapshotFile', { ...toParams(ours), file }, person), (text) => text === CONTENT)
    },
    outside: {
      'a hidden table': async (person) =>
        outcomeOf(await send('readSnapshotFile', { ...toParams(hidden), file: hiddenFile }, person)),
      'a file of a hidden table': async (person) =>
        outcomeOf(await send('readSnapshotFile', { ...toParams(ours), file: hiddenFile }, person)),
      'a file of no table': async (person) => {
        const file = `${home.config.warehouse}/hidden_loose/a.parquet`
        return outcomeOf(await send('readSnapshotFile', { ...toParams(ours), file }, person))
      },
    },
  },
  readMetadataRows: {
    inside: async (person) => {
      const { metadataLocation: metadata } = await (await openTestCatalog(home.services)).loadTable(ours.identifier)
      const rows = { ...toParams(ours), name: 'snapshots', metadata, columns: 'operation' }
      return outcomeOf(await send('readMetadataRows', rows, person))
    },
    outside: {
      'a hidden table': async (person) => {
        const rows = { ...toParams(hidden), name: 'snapshots', metadata: hiddenMetadata, columns: 'operation' }
        return outcomeOf(await send('readMetadataRows', rows, person))
      },
    },
  },
  readTableRows: {
    inside: async (person) => outcomeOf(await send('readTableRows', EMPTY, person)),
    outside: {
      // Its file is not Parquet; only a reader of the table gets as far as that error.
      'a hidden table': async (person) => {
        const code = await outcomeOf(await send('readTableRows', toParams(hidden), person))
        return code === 'file-damaged' ? 'whole' : code
      },
    },
  },
  readRejectedRecords: {
    isFor: ({ level, role }) => level !== 'nothing' && role !== 'viewer',
    inside: async (person) =>
      outcomeOf(
        await send('readRejectedRecords', { run: await loadWithRejects(ours) }, person),
        (text) => text === REJECTED,
      ),
    outside: {
      // Only a reader of the table hears that its rejected rows are for its writers.
      'a load of a hidden table': async (person) => {
        const code = await outcomeOf(await send('readRejectedRecords', { run: await loadWithRejects(hidden) }, person))
        return code === 'forbidden' ? 'whole' : code
      },
    },
  },
  runQueryOnServer: {
    inside: sql(() => 'select count(*) from local.ours.empty, local.ours.t$files'),
    outside: {
      'a hidden table': sql(() => 'select count(*) from local.hidden_ns.empty'),
      'metadata of a hidden table': sql(() => 'select * from local.hidden_ns.t$snapshots'),
      'metadata of a hidden table, joined': sql(
        () => 'select 1 from local.shared.s join (select * from local.ours.hidden_sibling.files) f on true',
      ),
      'a view that names a hidden table': sql(() => 'select count(*) from local.shared.v'),
    },
  },
  exportAudit: {
    isFor: ({ level }) => level === 'everything',
    inside: async (person) => outcomeOf(await send('exportAudit', { format: 'ndjson' }, person)),
    outside: {},
  },
  watchRuns: {
    isFor: () => true,
    outside: {
      'a run of a hidden table': async (person) => {
        const stop = new AbortController()
        const response = await send('watchRuns', {}, person, stop.signal)
        const actor = { userId: 'u', username: 'someone', role: 'admin' } as const
        const queue = (table: TableIdentifier) =>
          queueRun(home.database, { kind: 'tidy', title: `Tidy ${table.table}`, spec: {}, actor, table })
        const hiddenRun = await queue(hidden.identifier)
        // Events are sent in order, and every user receives this one.
        const sharedRun = await queue(SHARED)
        const text = await readUntil(response, (sent) => sent.includes(sharedRun))
        stop.abort()
        return text.includes(hiddenRun) ? 'whole' : 'not-found'
      },
    },
  },
}

async function readUntil({ body }: Response, isEnough: (text: string) => boolean): Promise<string> {
  if (!body) throw new Error('the response has no body')
  let text = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (isEnough(text)) return text
  }
  throw new Error(`the stream ended with ${text}`)
}

const isStream = ({ output }: Endpoint) => typeof output === 'string'
const STREAMS = ENDPOINTS.filter(({ endpoint }) => isStream(endpoint)).map(({ name }) => name)

it('Every route that streams has a case', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(STREAMS.toSorted())
})

describe('What streams', () => {
  it.each(STREAMS)('%s serves users with a role on it, and no other user', async (name) => {
    const { inside, isFor = ({ level }: Person) => level !== 'nothing' } = CASES[name] ?? { outside: {} }
    if (!inside) return
    for (const person of people) {
      const outcome = await inside(person)
      const expected = isFor(person) ? /^whole$/ : /^(not-found|forbidden)$/
      expect([person.level, person.role, outcome]).toEqual([person.level, person.role, expect.stringMatching(expected)])
    }
  })

  const ATTEMPTS = STREAMS.flatMap((name) => Object.keys(CASES[name]?.outside ?? {}).map((what) => ({ name, what })))
  it.each(ATTEMPTS)('$name: $what is for a role on the whole catalog', async ({ name, what }) => {
    for (const person of people) {
      const isInNamespace = person.level === 'namespace' && / of the namespace|, joined/.test(what)
      const expected = isOfCatalog(person) || isInNamespace ? /^whole$/ : /^(not-found|location-refused)$/
      const outcome = await CASES[name]?.outside[what]?.(person)
      expect([person.level, person.role, outcome]).toEqual([person.level, person.role, expect.stringMatching(expected)])
    }
  })
})

describe('A statement on the server', () => {
  it.each([
    ['a path', () => `select * from '${hiddenFile}'`],
    ['a path of the system', () => `select * from '/etc/passwd'`],
    ['a function that reads Parquet', () => `select * from read_parquet('${hiddenFile}')`],
    ['a function that reads text', () => `select * from read_text('${hiddenFile.slice('file://'.length)}')`],
    ['a function that lists', () => `select * from glob('${home.config.warehouse.slice('file://'.length)}/**')`],
    ['a statement that writes', () => `copy (select 1) to '/tmp/lakeshore-never'`],
    ['an attached database', () => `attach '${home.config.homeDir}/lakeshore.db' as d`],
  ])('reads no file by %s, for no user', async (_what, text) => {
    for (const person of people.filter(({ role }) => role === 'admin' || role === null)) {
      const query = {
        sql: text(),
        cursor: 0,
        connection: 'local',
        connections: ['local'],
        maxRows: 10,
      }
      const sent = await (await send('runQueryOnServer', query, person)).text()
      expect(sent).toContain('{"problem"')
      expect(sent).not.toContain('rowCount":1')
    }
  })

  it('is refused a hidden table in the words for one that is not there', async () => {
    const [stranger] = people
    if (!stranger) throw new Error('nobody is signed in')
    const messageOf = async (table: string) => {
      const query = { cursor: 0, connection: 'local', connections: ['local'], maxRows: 10 }
      const sql = `select * from local.${table}`
      const text = await (await send('runQueryOnServer', { ...query, sql }, stranger)).text()
      const { problem } = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as { problem: Record<string, unknown> }
      const { requestId: _, ...rest } = problem
      return JSON.stringify(rest)
        .replaceAll(table.split('.')[1] ?? '', 'NAME')
        .replaceAll(table.split('.')[0] ?? '', 'SPACE')
    }
    expect(await messageOf('hidden_ns.empty')).toBe(await messageOf('no_suchns.empty'))
    expect(await messageOf('ours.hidden_sibling')).toBe(await messageOf('ours.absent_sibling'))
  })
})
