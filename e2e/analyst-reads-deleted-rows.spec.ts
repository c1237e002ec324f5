import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Locator } from '@playwright/test'
import { apiPath, fetchTableDetail } from './support/lake'
import { paths } from './support/addresses'
import { expect, test } from './support/fixtures'

/** A table with position deletes, deletion vectors and equality deletes, which Spark and Iceberg's Java library wrote. */
const TABLES = path.resolve('testing/golden/tables')
const NAME = 'java_all_kinds_of_deletes'
const TABLE = { catalog: 'golden-deletes', namespace: ['golden'], table: 'deletes' }

type Recorded = { metadata: string; reads: { snapshotId?: string; rows: [id: string, city: string][] }[] }

test.use({ persona: 'admin' })

test('Deleted rows of another engine’s table are neither in the Data tab nor in a query, at any snapshot', async ({
  page,
}) => {
  const recorded: Recorded = JSON.parse(readFileSync(path.join(TABLES, NAME, 'reads.json'), 'utf8'))
  const root = 'file:///tmp/lakeshore-golden'
  const settings = {
    kind: 'files',
    tables: [{ namespace: 'golden', table: 'deletes', metadataLocation: `${root}/${NAME}/${recorded.metadata}` }],
    storage: { kind: 'local', roots: [`file://${TABLES}`] },
    // Java writes one slash, Python three.
    mappings: ['file:/tmp/lakeshore-golden', root].map((from) => ({ from, to: `file://${TABLES}` })),
  }
  const { origin } = new URL(paths.home(), process.env.E2E_ADDRESS)
  const added = await page.request.post('/api/v1/connections', {
    data: { name: TABLE.catalog, settings, secrets: {} },
    headers: { origin },
  })
  expect(await added.text()).toContain('connectionId')
  try {
    const { timeline } = await fetchTableDetail(page.request, TABLE)
    expect(timeline.length).toBeGreaterThan(4)
    for (const { snapshotId, rows } of recorded.reads) {
      if (snapshotId === undefined) continue // of a branch
      await page.goto(`${paths.table(TABLE, 'data')}?snapshot=${snapshotId}`)
      const grid = page.getByRole('grid', { name: 'Rows' })
      await expect(grid).toHaveAttribute('aria-rowcount', String(rows.length + 1))
      await expect
        .poll(async () => sortRows(await readRows(grid)), `rows of snapshot ${snapshotId}`)
        .toEqual(sortRows(rows))
      await page.goto(paths.query())
      const sql = `select id, city from "golden-deletes".golden.deletes for version as of ${snapshotId} order by id`
      await page.getByRole('textbox', { name: 'SQL' }).fill(sql)
      await page.getByRole('button', { name: 'Run' }).click()
      const results = page.getByRole('grid', { name: 'Results' })
      await expect(results).toHaveAttribute('aria-rowcount', String(rows.length + 1), { timeout: 60_000 })
      await expect
        .poll(async () => sortRows(await readRows(results)), `result at ${snapshotId}`)
        .toEqual(sortRows(rows))
    }
  } finally {
    const { connections } = await (await page.request.get('/api/v1/connections')).json()
    const { connectionId } = connections.find(({ name }: { name: string }) => name === TABLE.catalog)
    await page.request.delete(`/api/v1/connections/${connectionId}?confirmedName=${TABLE.catalog}`, {
      headers: { origin },
    })
  }
  expect((await page.request.get(apiPath(TABLE))).status()).toBe(404)
})

async function readRows(grid: Locator): Promise<string[][]> {
  const texts: string[][] = []
  for (const row of (await grid.getByRole('row').all()).slice(1))
    texts.push(await row.getByRole('gridcell').allInnerTexts())
  return texts
}

/** Rows of a table have no order. */
function sortRows(rows: readonly (readonly string[])[]): string[] {
  return rows.map(([id, city]) => `${id} ${city}`).toSorted()
}
