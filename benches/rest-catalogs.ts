import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startLakeshore } from '../scripts/interop/lakeshore.ts'
import { startRestFixture } from '../scripts/interop/rest-fixture.ts'
import { type Lanes, openLanes } from './open-lanes.ts'

/** Two catalogs that speak the same protocol, each as it is started by people: ours and Iceberg's own. */

export type Answer = { status: number; text: string; etag: string | null }

export type Catalog = {
  name: 'lakeshore' | 'fixture'
  /** Asks with JSON; the connections are kept open, as clients do. */
  ask(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>
  /** The same GET over `count` connections, again and again. */
  openLanes(count: number, path: string, headers?: Record<string, string>): Promise<Lanes>
}

export type Catalogs = { ours: Catalog; theirs: Catalog; stop(): Promise<void> }

const SCHEMA = {
  type: 'struct',
  'schema-id': 0,
  fields: Array.from({ length: 20 }, (_, index) => ({
    id: index + 1,
    name: `column_${index}`,
    required: false,
    type: index % 2 === 0 ? 'long' : 'string',
  })),
}

export async function startCatalogs(): Promise<Catalogs> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-rest-'))
  const lakeshore = await startLakeshore(path.join(folder, 'ours'), { LAKESHORE_LOG_LEVEL: 'error' })
  const fixture = await startRestFixture(path.join(folder, 'theirs'))
  const ours = catalogAt('lakeshore', `${lakeshore.uri}/v1/${lakeshore.warehouse}`, lakeshore.token)
  const theirs = catalogAt('fixture', `${fixture.uri}/v1`, null)
  for (const catalog of [ours, theirs]) await must(catalog, 'POST', 'namespaces', { namespace: ['bench'] })
  return {
    ours,
    theirs,
    async stop() {
      await lakeshore.stop()
      await fixture.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A table with snapshots, each added by a commit of its own; their files are not there, and nobody asks for them. */
export async function makeTable(catalog: Catalog, name: string, snapshotCount: number): Promise<void> {
  const created = await must(catalog, 'POST', 'namespaces/bench/tables', { name, schema: SCHEMA })
  const { location } = (JSON.parse(created.text) as { metadata: { location: string } }).metadata
  for (let number = 1; number <= snapshotCount; number += 1) {
    const snapshot = {
      'snapshot-id': number,
      ...(number > 1 && { 'parent-snapshot-id': number - 1 }),
      'sequence-number': number,
      'timestamp-ms': Date.now(),
      'manifest-list': `${location}/metadata/snap-${number}.avro`,
      'schema-id': 0,
      summary: { operation: 'append', 'added-records': '1000', 'total-records': String(number * 1000) },
    }
    await must(catalog, 'POST', `namespaces/bench/tables/${name}`, {
      requirements: [],
      updates: [
        { action: 'add-snapshot', snapshot },
        { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': number },
      ],
    })
  }
}

export async function must(catalog: Catalog, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await catalog.ask(method, path, body === undefined ? {} : { body })
  if (answer.status < 300) return answer
  throw new Error(`${catalog.name} answered ${method} ${path} with ${answer.status}: ${answer.text.slice(0, 300)}`)
}

/** What happened while `lanes` clients asked one after another for a while. */
export type Load = { perSecond: number; p50Ms: number; p99Ms: number; count: number; statuses: Record<number, number> }

export async function load(
  lanes: number,
  seconds: number,
  ask: (lane: number) => Promise<{ status: number }>,
): Promise<Load> {
  const tookMs: number[] = []
  const statuses: Record<number, number> = {}
  const startedAtMs = performance.now()
  const untilMs = startedAtMs + seconds * 1000
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (performance.now() < untilMs) {
        const askedAtMs = performance.now()
        const { status } = await ask(lane)
        tookMs.push(performance.now() - askedAtMs)
        statuses[status] = (statuses[status] ?? 0) + 1
      }
    }),
  )
  const elapsedMs = performance.now() - startedAtMs
  tookMs.sort((a, b) => a - b)
  const at = (share: number): number => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))] ?? 0
  return {
    perSecond: (tookMs.length * 1000) / elapsedMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    count: tookMs.length,
    statuses,
  }
}

export function catalogAt(name: Catalog['name'], base: string, token: string | null): Catalog {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const login: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  return {
    name,
    openLanes: (count, path, headers = {}) => openLanes(count, `${base}/${path}`, { ...login, ...headers }),
    ask: (method, path, { body, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? null : JSON.stringify(body)
        const asked = request(
          `${base}/${path}`,
          {
            agent,
            method,
            headers: {
              ...login,
              ...(text !== null && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
              ...headers,
            },
          },
          (response) => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.on('error', reject)
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                text: Buffer.concat(chunks).toString('utf8'),
                etag: response.headers.etag ?? null,
              }),
            )
          },
        )
        asked.on('error', reject)
        asked.end(text ?? undefined)
      }),
  }
}
