import { type ReceivedRequest, type Reply, RestCatalogStandIn, errorReply } from './rest-catalog-stand-in'

/** A snapshot of a table of the stand-in. `rows` is how many it added. */
type LakeSnapshot = { id: string; rows: number; atMs: number }
type LakeTable = { uuid: string; snapshots: LakeSnapshot[]; version: number }

/**
 * Stands in for a REST catalog with tables in one namespace, `sales`. Commits are made by a test, and each changes the
 * ETag of its table.
 */
export class LakeStandIn {
  readonly tables = new Map<string, LakeTable>()
  /** Whether versions have ETags; `always-unchanged`: a request with any ETag gets a 304. */
  etags: 'honest' | 'none' | 'always-unchanged' = 'honest'
  /** Whether responses name the metadata file. */
  namesFiles = true
  /** Replies in place of the table, or of the list; null: the usual one. */
  override: (path: string, request: ReceivedRequest) => Reply | null = () => null
  readonly #server: RestCatalogStandIn
  #lastId = 0n

  private constructor(server: RestCatalogStandIn) {
    this.#server = server
  }

  static async start(): Promise<LakeStandIn> {
    const lake = new LakeStandIn(await RestCatalogStandIn.start())
    lake.#on('/v1/namespaces', ({ query }) => ({ body: { namespaces: query.has('parent') ? [] : [['sales']] } }))
    lake.#on('/v1/namespaces/sales/tables', () => ({
      body: { identifiers: [...lake.tables.keys()].map((name) => ({ namespace: ['sales'], name })) },
    }))
    return lake
  }

  get uri(): string {
    return this.#server.uri
  }

  /** The requests for a table so far. */
  loads(name: string): ReceivedRequest[] {
    return this.#server.received.filter(({ path }) => path === pathOf(name))
  }

  requestCount(): number {
    return this.#server.received.length
  }

  headersOf(header: string): (string | null)[] {
    return this.#server.received.map(({ headers }) => headers.get(header))
  }

  create(name: string, uuid: string = crypto.randomUUID()): void {
    this.tables.set(name, { uuid, snapshots: [], version: 1 })
    this.#on(pathOf(name), (request) => this.#load(name, request))
  }

  commit(name: string, rows: number, atMs: number): void {
    const table = this.#require(name)
    this.#lastId += 1n
    table.snapshots.push({ id: String(9_007_199_254_740_993n + this.#lastId), rows, atMs })
    table.version += 1
  }

  rename(from: string, to: string): void {
    const table = this.#require(from)
    this.tables.delete(from)
    this.create(to)
    this.tables.set(to, table)
  }

  /** The response to a load of the table. */
  bodyOf(name: string): string {
    const table = this.#require(name)
    const location = `s3://lake/${table.uuid}/metadata/${table.version}.metadata.json`
    const body = { ...(this.namesFiles && { 'metadata-location': location }), metadata: toMetadata(table) }
    // Ids have 64 bits, and are numbers in metadata.
    return JSON.stringify(body).replaceAll(/"(\d{16,})"/g, '$1')
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }

  #require(name: string): LakeTable {
    const table = this.tables.get(name)
    if (!table) throw new Error(`The lake does not have the table ${name}.`)
    return table
  }

  #on(path: string, reply: (request: ReceivedRequest) => Reply): void {
    this.#server.on(`GET ${path}`, (request) => this.override(path, request) ?? reply(request))
  }

  #load(name: string, request: ReceivedRequest): Reply {
    const table = this.tables.get(name)
    if (!table) return errorReply(404, 'NoSuchTableException')
    const etag = `"${table.uuid}-${table.version}"`
    const sent = request.headers.get('if-none-match')
    if (this.etags === 'always-unchanged' && sent !== null) return { status: 304 }
    if (this.etags === 'honest' && sent === etag) return { status: 304 }
    return { headers: this.etags === 'none' ? {} : { etag }, body: this.bodyOf(name) }
  }
}

function pathOf(name: string): string {
  return `/v1/namespaces/sales/tables/${name}`
}

function toMetadata({ uuid, snapshots, version }: LakeTable): object {
  const newest = snapshots.at(-1)
  const totalTo = (index: number) => snapshots.slice(0, index + 1).reduce((total, { rows }) => total + rows, 0)
  return {
    'format-version': 2,
    'table-uuid': uuid,
    location: `s3://lake/${uuid}`,
    'last-sequence-number': snapshots.length,
    'last-updated-ms': (newest?.atMs ?? 0) + version,
    'last-column-id': 1,
    'current-schema-id': 0,
    schemas: [{ type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'last-partition-id': 999,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    ...(newest && { 'current-snapshot-id': newest.id, refs: { main: { 'snapshot-id': newest.id, type: 'branch' } } }),
    snapshots: snapshots.map(({ id, rows, atMs }, index) => ({
      'snapshot-id': id,
      ...(index > 0 && { 'parent-snapshot-id': snapshots[index - 1]?.id }),
      'sequence-number': index + 1,
      'timestamp-ms': atMs,
      'manifest-list': `s3://lake/${uuid}/metadata/snap-${id}.avro`,
      summary: { operation: 'append', 'added-records': String(rows), 'total-records': String(totalTo(index)) },
      'schema-id': 0,
    })),
    'snapshot-log': snapshots.map(({ id, atMs }) => ({ 'snapshot-id': id, 'timestamp-ms': atMs })),
  }
}
