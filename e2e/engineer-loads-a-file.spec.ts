import path from 'node:path'
import { labTable, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'
import { appendTrips, createTable, createTripsTable, writeInputFile, runCli, tripsCsv, tryCli } from './support/cli'

test('A CSV that does not fit is rejected with every reason in a file, and nothing is committed', async ({ page }) => {
  const table = labTable('misfits')
  await createTripsTable('lab.misfits', tripsCsv(1n, 3))
  const before = await fetchTableDetail(page.request, table)
  const file = await writeInputFile(
    'misfits',
    [
      'id,city,fare',
      '10,Oslo,1.25',
      '9223372036854775808,Rome,2.00',
      '11,Bern,0.001',
      ',Kyiv,1.00',
      '12,Riga,3.50',
    ].join('\n'),
  )
  const refused = await tryCli(['ingest', '--table', 'lab.misfits', '--file', file])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('Rows of the input do not fit the table')
  const [, runId = ''] = /rejectsFile: \S+\/(\w+)\.ndjson/.exec(refused.stderr) ?? []
  const listed = (await runCli(['jobs', 'rejects', runId])).stdout.trim().split('\n')
  const reasons = [
    [
      '9223372036854775808,Rome,2.00',
      { column: 'id', value: '9223372036854775808', reason: 'is beyond the range of long' },
    ],
    ['11,Bern,0.001', { column: 'fare', value: '0.001', reason: 'has more than 2 decimals' }],
    [',Kyiv,1.00', { column: 'id', value: null, reason: 'is null, and the table requires a value' }],
  ] as const
  expect(listed.map((line) => JSON.parse(line))).toEqual(
    reasons.map(([text, reason], i) => ({ file: path.basename(file), line: 3 + i, ...reason, text })),
  )
  expect(await fetchTableDetail(page.request, table)).toEqual(before)

  const allowed = await tryCli(['ingest', '--table', 'lab.misfits', '--file', file, '--allow-rejects'])
  expect(allowed.code).toBe(0)
  expect(allowed.stderr).toContain('3 rows rejected')
  await page.goto(paths.table(table, 'data'))
  await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '6')
  await expect(page.getByRole('row').filter({ hasText: 'Riga' })).toContainText('3.50')
})

test('An open table page says how many newer commits there are and loads them on request', async ({ page }) => {
  const table = labTable('growing')
  await createTripsTable('lab.growing', tripsCsv(1n, 10))
  await page.goto(paths.table(table, 'data'))
  const rows = page.getByRole('grid', { name: 'Rows' })
  await expect(rows).toHaveAttribute('aria-rowcount', '11')
  for (const from of [100n, 200n]) await appendTrips('lab.growing', tripsCsv(from, 10))
  const notice = page.getByRole('status').filter({ hasText: 'newer' })
  await expect(notice).toContainText('2 newer')
  await expect(rows, 'the page keeps its snapshot').toHaveAttribute('aria-rowcount', '11')
  await notice.getByRole('button', { name: 'Show new commits' }).click()
  await expect(rows).toHaveAttribute('aria-rowcount', '31')
  await expect(notice).toBeHidden()
})

test('Ids of 19 digits, microseconds and decimals of 38 digits are shown in full, in the table and in a query', async ({
  page,
}) => {
  const types = ['long', 'timestamp', 'timestamptz', 'decimal(38, 10)', 'time', 'uuid']
  const row = [
    '-9223372036854775808',
    '2001-03-06 09:03:00.123456',
    '2001-03-06 09:03:00.123456+00:00',
    '-9999999999999999999999999999.0000000001',
    '23:59:59.999999',
    '00112233-4455-6677-8899-aabbccddeeff',
  ]
  const fields = types.map((type, index) => ({ name: `c${index}`, type }))
  await createTable('lab.whole', fields, `${fields.map(({ name }) => name).join(',')}\n${row.join(',')}`)
  await page.goto(paths.table(labTable('whole'), 'data'))
  const cells = page.getByRole('gridcell')
  // The browser is in Berlin.
  await expect(cells).toHaveText(row.with(2, '2001-03-06 10:03:00.123456+01:00'))
  await expect.poll(() => cells.evaluateAll(findCutTexts)).toEqual([])

  await page.goto(paths.query('select c0, c1, c3 from lab.whole'))
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(cells).toHaveCount(3)
  await expect(cells.first()).toHaveText('-9223372036854775808')
  await expect.poll(() => cells.evaluateAll(findCutTexts)).toEqual([])
})

test('A load creates one snapshot with the input’s bytes and format in its summary', async ({ page }) => {
  const csv = tripsCsv(1n, 50)
  const snapshotId = await createTripsTable('lab.one-load', csv)
  await page.goto(paths.table(labTable('one-load'), 'snapshots'))
  await page.getByRole('row').filter({ hasText: snapshotId }).click()
  const detail = page.getByRole('complementary', { name: 'Snapshot' })
  await expect(detail).toContainText(snapshotId)
  await expect(detail).toContainText(String(csv.length))
  await expect(detail).toContainText('csv')
})

/** Runs in the page. @returns texts of truncated elements */
function findCutTexts(elements: readonly Element[]): (string | null)[] {
  return elements
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ textContent }) => textContent)
}
