import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startLakeshore } from '../testing/product/lakeshore.ts'
import { startRestFixture } from '../testing/peers/rest-fixture.ts'
import { type Lanes, openLanes } from './open-lanes.ts'

/** Two catalogs with the same protocol, each started as people start it: ours and Iceberg's own. */

export type Answer = { status: number; text: string; etag: string | null }

export type Catalog = {
  name: 'lakeshore' | 'fixture'
  /** Sends a request with JSON; connections stay open, as in real clients. */
  request(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>
  /** Sends the same GET again and again over `count` connections. */
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

/** @param settings of Lakeshore, in addition to the usual ones */
export async function startCatalogs(settings: Record<string, string> = {}): Promise<Catalogs> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-rest-'))
  const lakeshore = await startLakeshore(path.join(folder, 'ours'), { LAKESHORE_LOG_LEVEL: 'error', ...settings })
  const fixture = await startRestFixture(path.join(folder, 'theirs'))
  const ours = createCatalogClient('lakeshore', `${lakeshore.uri}/v1/${lakeshore.warehouse}`, lakeshore.token)
  const theirs = createCatalogClient('fixture', `${fixture.uri}/v1`, null)
  for (const catalog of [ours, theirs]) await requestOrThrow(catalog, 'POST', 'namespaces', { namespace: ['bench'] })
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

/** Creates a table with snapshots, each added by a separate commit. Their files do not exist and are never read. */
export async function createTable(catalog: Catalog, name: string, snapshotCount: number): Promise<void> {
  const created = await requestOrThrow(catalog, 'POST', 'namespaces/bench/tables', { name, schema: SCHEMA })
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
    await requestOrThrow(catalog, 'POST', `namespaces/bench/tables/${name}`, {
      requirements: [],
      updates: [
        { action: 'add-snapshot', snapshot },
        { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': number },
      ],
    })
  }
}

export async function requestOrThrow(catalog: Catalog, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await catalog.request(method, path, body === undefined ? {} : { body })
  if (answer.status < 300) return answer
  throw new Error(`${catalog.name} answered ${method} ${path} with ${answer.status}: ${answer.text.slice(0, 300)}`)
}

/** Measures `lanes` clients for a while; each sends one request after another. */
export type LoadResult = {
  perSecond: number
  p50Ms: number
  p99Ms: number
  count: number
  statuses: Record<number, number>
}

export async function runLoad(
  lanes: number,
  seconds: number,
  sendRequest: (lane: number) => Promise<{ status: number }>,
): Promise<LoadResult> {
  const durationsMs: number[] = []
  const statuses: Record<number, number> = {}
  const startedAtMs = performance.now()
  const deadlineMs = startedAtMs + seconds * 1000
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (performance.now() < deadlineMs) {
        const requestedAtMs = performance.now()
        const { status } = await sendRequest(lane)
        durationsMs.push(performance.now() - requestedAtMs)
        statuses[status] = (statuses[status] ?? 0) + 1
      }
    }),
  )
  const elapsedMs = performance.now() - startedAtMs
  durationsMs.sort((a, b) => a - b)
  const at = (share: number): number =>
    durationsMs[Math.min(durationsMs.length - 1, Math.floor(durationsMs.length * share))] ?? 0
  return {
    perSecond: (durationsMs.length * 1000) / elapsedMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    count: durationsMs.length,
    statuses,
  }
}

export function createCatalogClient(name: Catalog['name'], base: string, token: string | null): Catalog {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const authHeaders: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  return {
    name,
    openLanes: (count, path, headers = {}) => openLanes(count, `${base}/${path}`, { ...authHeaders, ...headers }),
    request: (method, path, { body, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? null : JSON.stringify(body)
        const clientRequest = request(
          `${base}/${path}`,
          {
            agent,
            method,
            headers: {
              ...authHeaders,
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
        clientRequest.on('error', reject)
        clientRequest.end(text ?? undefined)
      }),
  }
}
