import { randomUUID } from 'node:crypto'
import { type APIRequestContext, expect, request } from '@playwright/test'
import { labTable } from './addresses'
import { apiPath } from './lake'
import { address, storageStateOf } from './personas'

const TRIP_COLUMNS = [
  { name: 'id', type: 'long', required: true },
  { name: 'city', type: 'string' },
  { name: 'fare', type: 'decimal(9, 2)' },
]

/** Creates the namespace of the tables that tests create, unless another test has. */
export async function createLab(): Promise<void> {
  await asEditor(createNamespace)
}

/**
 * Creates a table without rows over the API, as the editor. That takes milliseconds, and a load by the command line
 * takes seconds.
 */
export async function createEmptyTable(name: string): Promise<void> {
  await asEditor(async (editor) => {
    await createNamespace(editor)
    const declaration = JSON.stringify({
      'format-version': 2,
      columns: TRIP_COLUMNS,
      'identifier-fields': [],
      'partition-fields': [],
      'sort-fields': [],
      properties: {},
    })
    const created = await editor.post(apiPath(labTable(name)).replace('/tables/', '/new-tables/'), {
      data: { declaration, idempotencyKey: randomUUID() },
    })
    expect(created.status(), await created.text()).toBe(200)
  })
}

/** Creates the namespace of the tables that tests create, unless it exists. */
export async function createNamespace(editor: APIRequestContext): Promise<void> {
  const created = await editor.post('/api/v1/catalogs/local/namespaces', { data: { namespace: 'lab' } })
  expect([200, 409], await created.text()).toContain(created.status())
}

/** Calls `work` with a client that is signed in as the editor. */
export async function asEditor(work: (editor: APIRequestContext) => Promise<void>): Promise<void> {
  const editor = await request.newContext({ baseURL: address(), storageState: storageStateOf('editor') })
  try {
    await work(editor)
  } finally {
    await editor.dispose()
  }
}
