const DAY_MS = 24 * 3_600_000

/** Connections as the API lists them: one that works and one that does not. */
export const CONNECTIONS = [
  entry('lakekeeper', 'https://lakekeeper.lake.example/catalog', [
    { step: 'address', state: 'ok', detail: 'The catalog answers.' },
    { step: 'login', state: 'ok', detail: 'The token is taken.' },
  ]),
  entry('polaris-of-the-warehouse', 'https://polaris.warehouse.example:8181/api/catalog', [
    {
      step: 'address',
      state: 'failed',
      detail: 'Nothing listens there. Is the catalog running, and is the port right?',
    },
  ]),
]

/** The state of the search index: of our own catalog, of one that was read, and of one that could not be. */
export const SEARCH_INDEXES = [
  index('local', 'own', { tableCount: 12, state: 'succeeded' }),
  index('lakekeeper', 'search', { tableCount: 4210, state: 'running' }),
  index('polaris-of-the-warehouse', 'shared', { failure: 'The catalog at polaris.warehouse.example does not answer.' }),
]

function index(
  catalog: string,
  reader: string,
  {
    tableCount = 0,
    state = 'failed',
    failure = null,
  }: { tableCount?: number; state?: string; failure?: string | null },
) {
  const crawledAtMs = failure === null ? Date.now() - DAY_MS : null
  return { catalog, reader, tableCount, crawledAtMs, isTruncated: false, lastRun: { runId: catalog, state, failure } }
}

function entry(name: string, uri: string, steps: readonly { step: string; state: string; detail: string }[]) {
  const atMs = Date.now() - DAY_MS
  return {
    connectionId: name,
    name,
    settings: {
      kind: 'rest',
      uri,
      warehouse: 'lake',
      prefix: null,
      auth: { kind: 'bearer' },
      headerNames: [],
      delegation: 'vended-credentials',
      storage: null,
      mappings: [],
      ownCredentials: 'off',
    },
    storedSecrets: ['token'],
    version: 1,
    createdBy: 'admin',
    createdAtMs: atMs,
    changedBy: 'admin',
    changedAtMs: atMs,
    lastTest: { atMs, steps },
  }
}
