import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { paths } from './addresses'

const TABLES = path.resolve('testing/golden/tables')
const NAME = 'java_all_kinds_of_deletes'
const ROOT = 'file:///tmp/lakeshore-golden'

/** The rows that Spark read at the snapshots of the table, and from a branch. */
export type RecordedRead = { snapshotId?: string; rows: [id: string, city: string][] }
type Recorded = { metadata: string; reads: RecordedRead[] }

/**
 * Connects the table with position deletes, deletion vectors and equality deletes that Spark and Iceberg's Java library
 * wrote, as an admin, and removes the connection afterwards.
 *
 * @param catalog the name of the connection, a different one for each spec. The table is `golden.deletes`.
 */
export async function withGoldenDeletes(
  page: Page,
  catalog: string,
  use: (reads: readonly RecordedRead[]) => Promise<void>,
): Promise<void> {
  const recorded: Recorded = JSON.parse(readFileSync(path.join(TABLES, NAME, 'reads.json'), 'utf8'))
  const settings = {
    kind: 'files',
    tables: [{ namespace: 'golden', table: 'deletes', metadataLocation: `${ROOT}/${NAME}/${recorded.metadata}` }],
    storage: { kind: 'local', roots: [`file://${TABLES}`] },
    // Java writes one slash, Python three.
    mappings: ['file:/tmp/lakeshore-golden', ROOT].map((from) => ({ from, to: `file://${TABLES}` })),
  }
  const { origin } = new URL(paths.home(), process.env.E2E_ADDRESS)
  const headers = { origin }
  const added = await page.request.post('/api/v1/connections', {
    data: { name: catalog, settings, secrets: {} },
    headers,
  })
  expect(await added.text()).toContain('connectionId')
  try {
    await use(recorded.reads)
    // A page that still shows the table would request it again after the connection was removed.
    for (const context of page.context().browser()?.contexts() ?? [])
      for (const open of context.pages()) await open.goto('about:blank')
  } finally {
    const { connections } = await (await page.request.get('/api/v1/connections')).json()
    const { connectionId } = connections.find(({ name }: { name: string }) => name === catalog)
    await page.request.delete(`/api/v1/connections/${connectionId}?confirmedName=${catalog}`, { headers })
  }
}
