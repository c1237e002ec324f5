import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CATALOG } from './console.ts'
import { type Lakeshore, startLakeshore } from './lakeshore.ts'

/** The product as it is built holds each module that has state once, whichever door a request comes by. */

/** What Next may bundle of server/: the way to the program, and headers of pages. */
const PLAIN = [
  'server/http/page-headers.ts',
  'server/program/bind.ts',
  'server/program/page-address.ts',
  'server/program/program.ts',
  'server/program/require-session.ts',
  'server/program/slot.ts',
]

type SourceMap = { sources?: string[]; sections?: { map: SourceMap }[] }
type Noted = { pid: number; program: string; isMainThread: boolean; name: 'database' | 'thread'; change: 1 | -1 }

let folder: string
let probeFile: string
let lakeshore: Lakeshore

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-one-program-'))
  probeFile = path.join(folder, 'constructions')
  lakeshore = await startLakeshore(folder, {
    NODE_OPTIONS: `--import=${path.resolve('scripts/interop/construction-probe.mjs')}`,
    PROBE_FILE: probeFile,
  })
})
afterAll(async () => {
  await lakeshore?.stop()
  await rm(folder, { recursive: true })
})

/** How many of a kind the web server has, by the thread that made them. */
function countOf(name: Noted['name'], where: 'main thread' | 'other thread'): number {
  const lines = readFileSync(probeFile, 'utf8').trim().split('\n')
  const noted = lines.map((line) => JSON.parse(line) as Noted)
  // A thread does not name the program of its process.
  const web = noted.find(({ program }) => program.endsWith('web.mjs'))
  return noted
    .filter((one) => one.name === name && one.pid === web?.pid)
    .filter(({ isMainThread }) => isMainThread === (where === 'main thread'))
    .reduce((sum, { change }) => sum + change, 0)
}

function sourcesOf({ sources = [], sections = [] }: SourceMap): string[] {
  return [...sources, ...sections.flatMap(({ map }) => sourcesOf(map))]
}

test('Next’s bundle holds nothing of the server but the way to the program', () => {
  const maps = globSync('.next/server/**/*.map')
  const sources = maps.flatMap((file) => sourcesOf(JSON.parse(readFileSync(file, 'utf8')) as SourceMap))
  const ours = sources.flatMap((source) => /^(?:\.\.\/)+(server\/.*)$/.exec(source)?.[1] ?? [])
  expect([...new Set(ours)].sort()).toEqual(PLAIN)
})

test('Pages, the console’s API, next-auth, the REST catalog and probes share one reader and one writer', async () => {
  const asEngine = { headers: { authorization: `Bearer ${lakeshore.token}` } }
  const doors: [string, () => Promise<Response>][] = [
    ['a page', () => lakeshore.console.fetch('/')],
    ['the console’s API', () => lakeshore.console.fetch('/api/v1/catalogs')],
    ['next-auth', () => lakeshore.console.fetch('/api/auth/session')],
    ['the REST catalog', () => fetch(`${lakeshore.uri}/v1/${CATALOG}/namespaces`, asEngine)],
    ['a probe', () => fetch(`${lakeshore.url}/readyz`)],
  ]
  const statuses = []
  for (const [door, ask] of doors) statuses.push([door, (await ask()).status])
  expect(statuses).toEqual(doors.map(([door]) => [door, 200]))

  // Both at once, so that each of two copies would have to write.
  const created = await Promise.all(
    ['a', 'b'].map((name) =>
      fetch(`${lakeshore.uri}/v1/${CATALOG}/namespaces`, {
        method: 'POST',
        headers: { ...asEngine.headers, 'content-type': 'application/json' },
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

  expect(countOf('thread', 'main thread')).toBe(1)
  expect(countOf('database', 'main thread')).toBe(1)
  expect(countOf('database', 'other thread')).toBe(1)
})
