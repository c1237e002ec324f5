import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CATALOG } from '../../product/console-client.ts'
import { type Lakeshore, startLakeshore } from '../../product/lakeshore.ts'

/** The built product has each stateful module once, whichever door a request uses. */

/** The files of server/ that Next may bundle: the way to the program, and the headers of pages. */
const STANDALONE_SOURCES = [
  'server/http/address-index.ts',
  'server/http/page-headers.ts',
  'server/program/bind.ts',
  'server/program/fetch-for-page.ts',
  'server/program/page-address.ts',
  'server/program/program.ts',
  'server/program/require-session.ts',
  'server/program/sign-in-methods.ts',
  'server/program/slot.ts',
]

type SourceMap = { sources?: string[]; sections?: { map: SourceMap }[] }
type ProbeRecord = { pid: number; program: string; isMainThread: boolean; name: 'database' | 'thread'; change: 1 | -1 }

let folder: string
let probeFile: string
let lakeshore: Lakeshore

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-one-program-'))
  probeFile = path.join(folder, 'constructions')
  lakeshore = await startLakeshore(folder, {
    NODE_OPTIONS: `--import=${path.resolve('testing/product/construction-probe.mjs')}`,
    PROBE_FILE: probeFile,
  })
})
afterAll(async () => {
  await lakeshore?.stop()
  await rm(folder, { recursive: true })
})

/** How many objects of a kind the web server has open, by the thread that created them. */
function countOpen(name: ProbeRecord['name'], thread: 'main thread' | 'other thread'): number {
  const lines = readFileSync(probeFile, 'utf8').trim().split('\n')
  const records = lines.map((line) => JSON.parse(line) as ProbeRecord)
  // A thread does not know the program of its process.
  const web = records.find(({ program }) => program.endsWith('web.mjs'))
  return records
    .filter((one) => one.name === name && one.pid === web?.pid)
    .filter(({ isMainThread }) => isMainThread === (thread === 'main thread'))
    .reduce((sum, { change }) => sum + change, 0)
}

function collectSources({ sources = [], sections = [] }: SourceMap): string[] {
  return [...sources, ...sections.flatMap(({ map }) => collectSources(map))]
}

test('Next’s bundle contains nothing of the server but the way to the program', () => {
  const maps = globSync('.next/server/**/*.map')
  const sources = maps.flatMap((file) => collectSources(JSON.parse(readFileSync(file, 'utf8')) as SourceMap))
  const ownSources = sources.flatMap((source) => /^(?:\.\.\/)+(server\/.*)$/.exec(source)?.[1] ?? [])
  expect([...new Set(ownSources)].sort()).toEqual(STANDALONE_SOURCES)
})

test('Pages, the console’s API, next-auth, the REST catalog and probes share one reader and one writer', async () => {
  const engineRequest = { headers: { authorization: `Bearer ${lakeshore.token}` } }
  const doors: [string, () => Promise<Response>][] = [
    ['a page', () => lakeshore.console.fetch('/')],
    ['the console’s API', () => lakeshore.console.fetch('/api/v1/catalogs')],
    ['next-auth', () => lakeshore.console.fetch('/api/auth/session')],
    ['the REST catalog', () => fetch(`${lakeshore.uri}/v1/${CATALOG}/namespaces`, engineRequest)],
    ['a probe', () => fetch(`${lakeshore.url}/readyz`)],
  ]
  const statuses = []
  for (const [door, send] of doors) statuses.push([door, (await send()).status])
  expect(statuses).toEqual(doors.map(([door]) => [door, 200]))

  // Both at once, so that two copies would both have to write.
  const created = await Promise.all(
    ['a', 'b'].map((name) =>
      fetch(`${lakeshore.uri}/v1/${CATALOG}/namespaces`, {
        method: 'POST',
        headers: { ...engineRequest.headers, 'content-type': 'application/json' },
        body: JSON.stringify({ namespace: [name] }),
      }),
    ),
  )
  expect(created.map(({ status }) => status)).toEqual([200, 200])
  const token = await lakeshore.console.fetch('/api/v1/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'by the console', role: 'viewer', days: 1 }),
  })
  expect(token.status).toBe(200)

  expect(countOpen('thread', 'main thread')).toBe(1)
  expect(countOpen('database', 'main thread')).toBe(1)
  expect(countOpen('database', 'other thread')).toBe(1)
})
