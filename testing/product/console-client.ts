import type { ConnectFacts } from '@/lib/connect/snippet'

/** The parts of a table's page that engines know, too, and how engines connect. */
export type ConsoleTable = ConnectFacts & {
  figures: { rowCount: number | null; dataFileCount: number | null }
  refs: { name: string; type: 'branch' | 'tag'; snapshotId: string }[]
  partitionedBy: string
  schema: { fields: { name: string }[] }
  properties: Record<string, string>
}

/** The console's own API, as a signed-in browser calls it. Tables are those of the embedded catalog. */
export type ConsoleClient = {
  /** `fetch` of a page: paths are relative to its origin, and cookies identify the user. */
  fetch: (address: string, init?: RequestInit) => Promise<Response>
  table: (namespace: string, table: string) => Promise<ConsoleTable>
  /** Ids, oldest first. */
  snapshotIds: (namespace: string, table: string) => Promise<string[]>
  /** Moves `main` back to one of its ancestors. */
  rollBack: (namespace: string, table: string, toSnapshotId: string) => Promise<void>
}

/** The embedded catalog's name, unless a home was created with another. */
export const CATALOG = 'local'

const TIMEOUT_MS = 300_000

/** Signs in with the requests of the form. */
export async function signIn(url: string, username: string, password: string): Promise<ConsoleClient> {
  const cookies = new Map<string, string>()
  const fetchPath = async (route: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '))
    const response = await fetch(`${url}${route}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
      headers,
    })
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    return response
  }
  const requestJson = async (route: string, body?: object): Promise<unknown> => {
    const isForm = body instanceof URLSearchParams
    const response = await fetchPath(route, {
      ...(body && !isForm && { headers: { 'content-type': 'application/json' } }),
      ...(body && { method: 'POST', body: isForm ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${route} answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }

  const { csrfToken } = (await requestJson('/api/auth/csrf')) as { csrfToken: string }
  await requestJson(
    '/api/auth/callback/credentials',
    new URLSearchParams({ username, password, csrfToken, json: 'true' }),
  )

  const tableRoute = (namespace: string, table: string) =>
    `/api/v1/catalogs/${CATALOG}/namespaces/${encodeURIComponent(namespace)}/tables/${encodeURIComponent(table)}`
  const snapshotIds = async (namespace: string, table: string) => {
    const { snapshots } = (await requestJson(`${tableRoute(namespace, table)}/snapshots`)) as {
      snapshots: { snapshotId: string }[]
    }
    return snapshots.map(({ snapshotId }) => snapshotId).toReversed()
  }
  return {
    fetch: fetchPath,
    table: async (namespace, table) => (await requestJson(tableRoute(namespace, table))) as ConsoleTable,
    snapshotIds,
    rollBack: async (namespace, table, toSnapshotId) => {
      const { refs } = (await requestJson(tableRoute(namespace, table))) as ConsoleTable
      const fromSnapshotId = refs.find(({ name }) => name === 'main')?.snapshotId
      const intents = [{ kind: 'roll-back', toSnapshotId, fromSnapshotId, safetyTag: null }]
      await requestJson(`${tableRoute(namespace, table)}/changes`, { intents, confirmedName: `${namespace}.${table}` })
    },
  }
}
