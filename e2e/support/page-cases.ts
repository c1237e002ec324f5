import type { Locator, Page } from '@playwright/test'
import { snapshotPaths } from '@/lib/snapshot-paths'
import { BIRDSTRIKES, EARTHQUAKES, FLIGHTS, paths, ROUTES } from './addresses'
import { CHANGE_CASES } from './change-cases'
import { CONNECTIONS, SEARCH_INDEXES } from './connections'
import type { PageCase } from './page-case'
import { openProposals, PROPOSALS } from './proposals'

const TOP_ORIGINS_SQL = 'select origin, count(*) as flights\nfrom demo.flights\ngroup by 1 order by 2 desc limit 10'

export const PAGE_CASES: readonly PageCase[] = [
  {
    name: 'login',
    address: paths.login(),
    persona: 'visitor',
    ready: (page) => page.getByRole('button', { name: 'Sign in' }),
  },
  {
    name: 'login-refused',
    address: paths.login(),
    persona: 'visitor',
    expectedError: /status of 401/,
    open: async (page) => {
      await page.getByLabel('Username').fill(`nobody-${page.viewportSize()?.width}`)
      await page.getByLabel('Password', { exact: true }).fill('not the password')
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    ready: (page) => page.getByText('do not match'),
  },
  {
    name: 'login-provider-refused',
    address: paths.loginProblem('name-taken', '01JCZ7Q4M2', null),
    persona: 'visitor',
    ready: (page) => page.getByText('Another user here has your username.'),
  },
  { name: 'home', address: paths.home(), ready: (page) => page.getByRole('application').first() },
  {
    name: 'palette',
    address: paths.catalogs(),
    open: async (page) => {
      await expectShell(page)
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('textbox').fill('flights')
    },
    ready: (page) => page.getByRole('button', { name: /demo\.flights/ }).first(),
  },
  {
    name: 'keys',
    address: paths.catalogs(),
    open: async (page) => {
      await expectShell(page)
      await page.keyboard.press('Shift+?')
    },
    ready: (page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' }),
  },
  {
    name: 'catalogs',
    address: paths.catalogs(),
    ready: (page) => page.getByRole('grid', { name: 'Catalogs' }).getByText('local', { exact: true }),
  },
  {
    name: 'catalog',
    address: paths.catalog('local'),
    ready: (page) => page.getByRole('grid').getByText('stocks').first(),
  },
  {
    name: 'warehouse',
    address: paths.warehouse('local'),
    persona: 'admin',
    ready: (page) => page.getByRole('grid', { name: 'Stored in the warehouse' }).getByText('demo/', { exact: true }),
  },
  {
    name: 'warehouse-refused',
    address: paths.warehouse('local', 'file:///etc'),
    persona: 'admin',
    expectedError: /status of 403/,
    ready: (page) => page.getByRole('button', { name: 'Show the warehouse' }),
  },
  {
    name: 'namespace',
    address: paths.namespace('local', ['demo']),
    ready: (page) => page.getByRole('grid', { name: 'Tables, views and namespaces' }).getByText('birdstrikes'),
  },
  {
    name: 'namespace-filtered-to-nothing',
    address: paths.namespace('local', ['demo']),
    open: async (page) => {
      await page.getByRole('searchbox', { name: /entries/ }).fill('nothing is called so')
    },
    ready: (page) => page.getByRole('button', { name: 'Clear filters' }),
  },
  {
    name: 'table-overview',
    address: paths.table(FLIGHTS),
    ready: (page) => page.getByRole('region', { name: 'Newest commits' }).getByText('append').first(),
  },
  { name: 'table-data', address: paths.table(FLIGHTS, 'data'), ready: firstFlight },
  {
    name: 'table-row',
    address: paths.table(FLIGHTS, 'data'),
    open: async (page) => {
      await page.getByRole('rowheader', { name: '3', exact: true }).click()
    },
    ready: (page) => page.getByRole('complementary', { name: 'Row 3' }).getByText('MDW'),
  },
  {
    name: 'table-row-nested',
    address: `${paths.table(EARTHQUAKES, 'data')}?open=2`,
    ready: (page) => page.getByRole('complementary', { name: 'Row 2' }).getByText('longitude', { exact: true }),
  },
  {
    name: 'table-columns',
    address: paths.table(EARTHQUAKES, 'data'),
    open: async (page) => {
      await page.getByRole('button', { name: /columns$/ }).click()
    },
    ready: (page) => page.getByRole('button', { name: 'Hide all' }),
  },
  {
    name: 'table-nested',
    address: paths.table(EARTHQUAKES, 'data'),
    open: async (page) => {
      await page.getByRole('gridcell').first().click()
      for (let column = 2; column < 10; column++) await page.keyboard.press('ArrowRight')
      await page.locator('[role="gridcell"]:focus', { hasText: 'longitude' }).waitFor()
      await page.keyboard.press('Enter')
    },
    ready: (page) => page.getByLabel('location of row 1').getByText('longitude'),
  },
  {
    name: 'table-schema',
    address: paths.table(EARTHQUAKES, 'schema'),
    ready: (page) => page.getByRole('table', { name: 'Schema' }).getByText('felt_reports', { exact: true }),
  },
  {
    name: 'table-layout',
    address: paths.table(FLIGHTS, 'layout'),
    ready: (page) => page.getByRole('grid', { name: 'Simulated layouts' }).getByText('day(date)').first(),
  },
  {
    name: 'table-layout-edit',
    address: paths.table(BIRDSTRIKES, 'layout'),
    open: async (page) => {
      await page.getByRole('button', { name: 'Add partition field' }).click()
      await page.getByRole('button', { name: 'Add sort field' }).click()
      await page.getByRole('button', { name: 'Candidate', exact: true }).click()
    },
    ready: (page) => page.getByRole('grid', { name: 'Simulated layouts' }).getByText('in the tray').first(),
  },
  {
    name: 'table-layout-propose-only',
    address: paths.table(EARTHQUAKES, 'layout'),
    persona: 'viewer',
    ready: (page) => page.getByText('another user commits it'),
  },
  {
    name: 'table-settings',
    address: paths.table(FLIGHTS, 'settings'),
    ready: (page) => page.getByText(/41 files/).first(),
  },
  {
    name: 'table-compression-studio',
    address: paths.compressionStudio(FLIGHTS),
    ready: (page) => page.getByRole('region', { name: 'What if' }).getByText('No sample'),
  },
  {
    name: 'table-compression-studio-sampled',
    address: paths.compressionStudio(BIRDSTRIKES),
    persona: 'editor',
    open: async (page) => {
      const sample = page.getByRole('button', { name: /^Sample/ })
      await sample.waitFor()
      if ((await sample.textContent()) === 'Sample') await sample.click()
    },
    ready: (page) => page.getByRole('grid', { name: 'Codecs' }).getByText('zstd 15'),
  },
  {
    name: 'table-review',
    address: paths.table(FLIGHTS, 'settings'),
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
      await page.getByRole('option', { name: 'snappy' }).click()
      await page.getByRole('button', { name: 'Review' }).click()
    },
    ready: (page) => page.getByRole('complementary', { name: /^Review/ }).getByText('assert-table-uuid'),
  },
  {
    name: 'table-snapshots',
    address: paths.table(FLIGHTS, 'snapshots'),
    ready: (page) => page.getByRole('grid', { name: 'Snapshots' }).getByText('append').first(),
  },
  {
    name: 'table-compare',
    address: snapshotPaths.comparison({ ...FLIGHTS, table: 'weather' }),
    ready: (page) => page.getByRole('grid', { name: 'Rows that differ' }).getByText('+', { exact: true }).first(),
  },
  {
    name: 'table-review-propose',
    address: paths.table(FLIGHTS, 'settings'),
    persona: 'viewer',
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
      await page.getByRole('option', { name: 'gzip' }).click()
      await page.getByRole('button', { name: 'Review' }).click()
      await page.getByRole('button', { name: 'Propose…' }).click()
    },
    ready: (page) => page.getByRole('form', { name: 'Proposal' }),
  },
  {
    name: 'table-proposals',
    address: paths.table(FLIGHTS, 'history'),
    open: (page) => openProposals(page, 'table'),
    ready: (page) => page.getByRole('grid', { name: 'Proposals' }),
  },
  {
    name: 'table-proposal',
    address: paths.table(FLIGHTS, 'history'),
    open: async (page) => {
      await openProposals(page, 'table')
      await page.getByRole('link', { name: PROPOSALS[0].title }).click()
    },
    ready: (page) => page.getByRole('tabpanel', { name: 'REST request' }),
  },
  {
    name: 'table-proposal-returned',
    address: paths.table(FLIGHTS, 'history'),
    open: async (page) => {
      await openProposals(page, 'table')
      await page.getByRole('link', { name: PROPOSALS[1].title }).click()
    },
    ready: (page) => page.getByRole('button', { name: 'Copy to tray' }),
  },
  {
    name: 'proposals',
    address: paths.account(),
    open: (page) => openProposals(page, 'lake'),
    ready: (page) => page.getByRole('grid', { name: 'Waiting for you' }),
  },
  {
    name: 'change-policy',
    address: `${paths.namespace('local', ['demo'])}?action=policy`,
    persona: 'admin',
    ready: (page) => page.getByRole('switch', { name: /^Changes of tables need two people/ }),
  },
  {
    name: 'table-row-history',
    address: snapshotPaths.rowHistory({ ...FLIGHTS, table: 'weather' }, 'date = "2013-05-05" and location = "Seattle"'),
    ready: (page) => page.getByRole('listitem').filter({ hasText: 'weather-feed' }),
  },
  {
    name: 'table-broken-commit',
    address: `${snapshotPaths.brokenCommit({ ...FLIGHTS, table: 'weather' })}?${new URLSearchParams({ condition: "count(*) filter (where date >= date '2014-01-01') = 0" })}`,
    open: async (page) => {
      await page.getByRole('button', { name: 'Find the commit' }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'The commit that broke it' }),
  },
  {
    name: 'table-snapshot',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await page.getByRole('grid', { name: 'Snapshots' }).getByText('append').first().click()
    },
    ready: (page) => page.getByRole('complementary', { name: 'Snapshot' }).getByText('added-records'),
  },
  {
    name: 'table-rollback',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await page
        .getByRole('button', { name: /^Actions of/ })
        .nth(2)
        .click()
      await page.getByRole('menuitem', { name: /^Roll main back/ }).click()
    },
    ready: (page) => page.getByRole('table', { name: 'Impact' }),
  },
  {
    name: 'table-refs',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs`,
    ready: (page) => page.getByRole('table', { name: 'Branches and tags' }).getByText('main').first(),
  },
  {
    name: 'table-snapshot-menu',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await page
        .getByRole('button', { name: /^Actions of/ })
        .nth(2)
        .click()
    },
    ready: (page) => page.getByRole('menuitem', { name: /^Roll main back/ }),
  },
  {
    name: 'table-snapshots-filtered',
    address: `${paths.table(FLIGHTS, 'snapshots')}?operation=delete`,
    ready: (page) => page.getByText('No snapshot matches the filters.'),
  },
  {
    name: 'table-ref-menu',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs`,
    open: async (page) => {
      await page
        .getByRole('button', { name: /^Actions of/ })
        .nth(1)
        .click()
    },
    ready: (page) => page.getByRole('menuitem', { name: /^Remove/ }),
  },
  {
    name: 'table-ref-remove',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs&edit=remove&of=before-daily-partitions`,
    ready: (page) => page.getByRole('region', { name: 'The commit' }),
  },
  {
    name: 'table-ref-retention',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs&edit=retention&of=before-daily-partitions`,
    ready: (page) => page.getByRole('region', { name: 'Impact' }),
  },
  {
    name: 'table-expire',
    address: `${paths.table(FLIGHTS, 'snapshots')}?edit=expire&of=table`,
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Older than' }).click()
      await page.getByRole('option', { name: /of any age/ }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'The commit' }),
  },
  {
    name: 'table-rename',
    address: `${paths.table(FLIGHTS)}?action=rename`,
    open: (page) => page.getByLabel('Name', { exact: true }).fill('flights_2001'),
    ready: (page) => page.getByRole('region', { name: 'Request' }),
  },
  {
    name: 'table-drop',
    address: `${paths.table(FLIGHTS)}?action=drop`,
    ready: (page) => page.getByRole('region', { name: 'Request' }),
  },
  {
    name: 'table-clone',
    address: `${paths.table(FLIGHTS)}?action=clone`,
    open: (page) => page.getByText('Choose properties').click(),
    ready: (page) => page.getByText('Bytes to copy'),
  },
  {
    name: 'namespace-new',
    address: `${paths.catalog('local')}?action=new`,
    ready: (page) => page.getByRole('button', { name: 'Create' }),
  },
  {
    name: 'namespace-properties',
    address: `${paths.namespace('local', ['demo'])}?action=properties`,
    open: (page) => page.getByRole('button', { name: 'Add property' }).click(),
    ready: (page) => page.getByLabel('Key').last(),
  },
  {
    name: 'namespace-drop',
    address: `${paths.namespace('local', ['demo'])}?action=drop`,
    ready: (page) => page.getByText(/These go with the namespace|no namespaces, can be dropped/),
  },
  {
    name: 'namespace-dropped-tables',
    address: `${paths.namespace('local', ['demo'])}?action=dropped`,
    ready: (page) => page.getByText('No table or view of this namespace can be restored'),
  },
  {
    name: 'table-files',
    address: paths.table(FLIGHTS, 'files'),
    ready: (page) => page.getByRole('grid', { name: 'Files' }).getByText('.parquet').first(),
  },
  {
    name: 'table-partitions',
    address: `${paths.table(FLIGHTS, 'files')}?level=partitions`,
    ready: (page) => page.getByRole('table', { name: 'Partitions' }).getByText('date_month=2001-01').first(),
  },
  {
    name: 'table-file-sizes',
    address: `${paths.table(FLIGHTS, 'files')}?level=sizes`,
    ready: (page) => page.getByRole('img', { name: /^Data files by size/ }),
  },
  {
    name: 'table-metadata-files',
    address: `${paths.table(FLIGHTS, 'files')}?level=metadata`,
    ready: (page) => page.getByRole('table', { name: 'Differences' }).getByText('changed').first(),
  },
  {
    name: 'table-manifests',
    address: `${paths.table(FLIGHTS, 'files')}?level=manifests`,
    ready: (page) => page.getByRole('grid', { name: 'Manifests' }).getByText('.avro').first(),
  },
  {
    name: 'table-manifest',
    address: `${paths.table(FLIGHTS, 'files')}?level=manifests`,
    open: async (page) => {
      await page.getByRole('grid', { name: 'Manifests' }).getByRole('link').first().click()
    },
    ready: (page) => page.getByRole('grid', { name: 'Files' }).getByText('.parquet').first(),
  },
  {
    name: 'table-file',
    address: paths.table(FLIGHTS, 'files'),
    open: openFirstFile,
    ready: (page) => page.getByRole('region', { name: 'Bytes in file order' }),
  },
  {
    name: 'table-file-chunk',
    address: paths.table(FLIGHTS, 'files'),
    open: async (page) => {
      await openFirstFile(page)
      await page.getByRole('grid', { name: 'Column chunks' }).press('ArrowDown')
      await page.getByRole('grid', { name: 'Column chunks' }).press('Enter')
    },
    ready: (page) => page.getByRole('table', { name: 'Pages' }).getByText('PLAIN').first(),
  },
  {
    name: 'table-file-columns',
    address: paths.table(FLIGHTS, 'files'),
    open: (page) => openFileView(page, 'Columns'),
    ready: (page) => page.getByRole('grid', { name: 'Columns of the file' }),
  },
  {
    name: 'table-file-schema',
    address: paths.table(EARTHQUAKES, 'files'),
    open: (page) => openFileView(page, 'Schema and ids'),
    ready: (page) => page.getByRole('table', { name: 'Schema in the file' }),
  },
  {
    name: 'table-file-keys',
    address: paths.table(FLIGHTS, 'files'),
    open: (page) => openFileView(page, 'Key-values'),
    ready: (page) => page.getByRole('region', { name: 'Key-value metadata' }),
  },
  {
    name: 'table-file-entry',
    address: paths.table(FLIGHTS, 'files'),
    open: (page) => openFileView(page, 'Manifest entry'),
    ready: (page) => page.getByRole('table', { name: 'Column metrics' }),
  },
  {
    name: 'table-file-unknown',
    address: `${paths.table(FLIGHTS, 'files')}?file=file%3A%2F%2F%2Fno%2Fsuch%2Ffile.parquet`,
    expectedError: /status of 404/,
    ready: (page) => page.getByText('No manifest of the snapshot lists this file.'),
  },
  {
    name: 'table-history',
    address: paths.table(FLIGHTS, 'history'),
    ready: (page) => page.getByRole('table', { name: 'History' }).getByText('append').first(),
  },
  {
    name: 'table-in-the-past',
    address: paths.table(FLIGHTS, 'data', { ref: 'q1-2001' }),
    ready: firstFlight,
  },
  {
    name: 'table-as-of',
    address: paths.table(FLIGHTS, 'schema'),
    open: async (page) => {
      await page.getByRole('button', { name: /^As of/ }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'As of' }).getByText('q1-2001'),
  },
  {
    name: 'table-unknown',
    address: paths.table({ ...FLIGHTS, table: 'no-such-table' }),
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Not found'),
  },
  {
    name: 'view',
    address: paths.view(ROUTES),
    ready: (page) => page.getByRole('table', { name: 'Schema' }).getByText('average_delay'),
  },
  {
    name: 'view-compared',
    address: `${paths.view(ROUTES)}?against=1`,
    ready: (page) => page.getByRole('region', { name: /compared with version 1/ }),
  },
  {
    name: 'view-in-the-past',
    address: paths.view(ROUTES, 1),
    ready: (page) => page.getByRole('region', { name: 'Another version' }),
  },
  {
    name: 'view-version-unknown',
    address: paths.view(ROUTES, 99),
    ready: (page) => page.getByRole('button', { name: 'Show current version' }),
  },
  {
    name: 'view-unknown',
    address: paths.view({ ...ROUTES, view: 'no_such_view' }),
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Not found'),
  },
  {
    name: 'view-new',
    address: paths.newView('local', ['demo'], 'select origin, count(*) as flights from demo.flights group by 1'),
    persona: 'editor',
    open: async (page) => {
      await page.getByText('From the SQL in duckdb, for you to approve.').waitFor()
      await page.getByLabel('Name', { exact: true }).fill('flights_by_origin')
    },
    ready: (page) => page.getByRole('complementary', { name: 'Review' }).getByText('"view-version"'),
  },
  {
    name: 'view-edit',
    address: paths.editView(ROUTES),
    persona: 'editor',
    open: async (page) => {
      const sql = page.getByRole('textbox', { name: 'Query in spark' })
      await sql.fill('SELECT origin, destination, count(*) AS flights FROM flights GROUP BY origin, destination')
    },
    ready: (page) => page.getByRole('complementary', { name: 'Review' }).getByText('assert-view-uuid'),
  },
  {
    name: 'view-about',
    address: `${paths.view(ROUTES)}?action=about`,
    persona: 'editor',
    ready: (page) => page.getByRole('complementary', { name: 'About this view' }).getByLabel('Description'),
  },
  {
    name: 'view-properties',
    address: `${paths.view(ROUTES)}?action=properties`,
    persona: 'editor',
    open: async (page) => {
      await page.getByRole('button', { name: 'Add property' }).click()
      await page.getByLabel('Key').last().fill('version.history.num-entries')
      await page.getByLabel('Value').last().fill('0')
    },
    ready: (page) => page.getByText('should be a whole number from 1 to 1000'),
  },
  {
    name: 'view-roll-back',
    address: `${paths.view(ROUTES, 1)}&action=roll-back`,
    persona: 'editor',
    ready: (page) => page.getByRole('complementary', { name: 'Roll back' }).getByText('assert-view-uuid'),
  },
  {
    name: 'view-rename',
    address: `${paths.view(ROUTES)}?action=rename`,
    persona: 'editor',
    open: async (page) => page.getByLabel('Name', { exact: true }).fill('routes'),
    ready: (page) => page.getByRole('complementary', { name: 'Rename or move' }).getByText('"destination"'),
  },
  {
    name: 'view-drop',
    address: `${paths.view(ROUTES)}?action=drop`,
    persona: 'editor',
    ready: (page) => page.getByRole('complementary', { name: 'Drop view' }).getByLabel(/^Type/),
  },
  {
    name: 'query',
    address: paths.query(),
    ready: (page) => page.getByRole('textbox', { name: 'SQL' }),
  },
  {
    name: 'query-results',
    address: paths.query(TOP_ORIGINS_SQL),
    open: runQuery,
    ready: (page) => page.getByRole('grid', { name: 'Results' }).getByText('ORD'),
  },
  {
    name: 'query-mistake',
    address: paths.query(TOP_ORIGINS_SQL.replace('origin', 'orign')),
    open: runQuery,
    ready: (page) => page.getByText('The query could not be run'),
  },
  {
    name: 'ingestion',
    address: paths.ingestionDashboard(),
    ready: (page) => page.getByRole('application').nth(3),
  },
  {
    name: 'ingestion-as-table',
    address: paths.ingestionDashboard(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Show as table: Rows' }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'Rows', exact: true }).getByRole('table'),
  },
  {
    name: 'compression',
    address: paths.compressionDashboard(),
    ready: (page) => page.getByRole('application').nth(1),
  },
  {
    name: 'jobs',
    address: paths.jobs(),
    ready: (page) => page.getByRole('grid', { name: 'Ended runs' }).getByText('succeeded').first(),
  },
  {
    name: 'jobs-as-admin',
    address: paths.jobs(),
    persona: 'admin',
    ready: (page) => page.getByRole('button', { name: /^Run now/ }).first(),
  },
  {
    name: 'jobs-run',
    // The newest load: those of the demo lake leave the first page when tests have loaded enough.
    address: `${paths.jobs()}?state=succeeded&kind=ingest`,
    open: async (page) => {
      await page
        .getByRole('grid', { name: 'Ended runs' })
        .getByRole('link', { name: /^Load / })
        .first()
        .click()
    },
    ready: (page) => page.getByRole('log').getByText('Succeeded.'),
  },
  {
    name: 'jobs-unknown',
    address: paths.run('01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Not found'),
  },
  {
    name: 'jobs-filtered-to-nothing',
    address: `${paths.jobs()}?state=cancelled&kind=tidy-runs`,
    ready: (page) => page.getByRole('button', { name: 'Clear filters' }),
  },
  {
    name: 'account',
    address: paths.account(),
    ready: (page) => page.getByText(/^Editor \(/),
  },
  {
    name: 'tokens',
    address: paths.tokens(),
    ready: (page) => page.getByText(/RestCatalog/),
  },
  {
    name: 'token-form',
    address: paths.tokens(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Create token' }).getByText(/Expires on/),
  },
  {
    name: 'token-created',
    address: paths.tokens(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill('nightly load of the flights, with Spark')
      await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
    },
    ready: (page) => page.getByRole('dialog').getByRole('region', { name: 'Token', exact: true }),
  },
  {
    name: 'token-revoked',
    address: paths.tokens(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill('duckdb')
      await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
      await page.getByRole('button', { name: 'I’ve copied it' }).click()
      await page.getByRole('button', { name: 'Revoke duckdb' }).first().click()
    },
    ready: (page) => page.getByRole('textbox', { name: 'Type duckdb to confirm' }),
  },
  {
    name: 'api-reference',
    address: `${paths.apiReference()}?find=snapshots`,
    open: async (page) => {
      await page.getByText('Lists the snapshots of a table', { exact: false }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'Example of listSnapshots' }),
  },
  {
    name: 'time-zone',
    address: paths.account(),
    open: async (page) => {
      await page.getByRole('button', { name: /account of/ }).click()
      await page.getByRole('menuitem', { name: /^Time zone/ }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Time zone' }).getByText(/^It is now/),
  },
  {
    name: 'connections-none',
    address: paths.account(),
    persona: 'admin',
    // The response is mocked, because another test may be adding connections.
    open: (page) => openConnections(page, []),
    ready: (page) => page.getByText('No connections yet.'),
  },
  {
    name: 'connections',
    address: paths.account(),
    persona: 'admin',
    open: (page) => openConnections(page, CONNECTIONS),
    ready: (page) => page.getByRole('grid', { name: 'Connections' }).getByText('Address failed'),
  },
  {
    name: 'connection-new',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Amazon S3 Tables/ }).click()
    },
    ready: (page) => page.getByLabel('Catalog name', { exact: true }),
  },
  {
    name: 'connection-test',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Iceberg REST/ }).click()
      await page.getByLabel('Catalog name', { exact: true }).fill('nowhere')
      await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9')
      await page.getByRole('button', { name: 'Test', exact: true }).click()
    },
    ready: (page) => page.getByText(/Nothing listens there/),
  },
  {
    name: 'connection-azure',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Metadata files/ }).click()
      await page.getByRole('combobox', { name: 'Kind', exact: true }).click()
      await page.getByRole('option', { name: 'Azure Data Lake or Blob Storage' }).click()
      await page.getByRole('combobox', { name: 'Credentials', exact: true }).click()
      await page.getByRole('option', { name: 'Microsoft Entra application' }).click()
    },
    ready: (page) => page.getByLabel('Tenant id', { exact: true }),
  },
  {
    name: 'connection-google',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Metadata files/ }).click()
      await page.getByRole('combobox', { name: 'Kind', exact: true }).click()
      await page.getByRole('option', { name: 'Google Cloud Storage' }).click()
    },
    ready: (page) => page.getByLabel('Service account key', { exact: true }),
  },
  {
    name: 'connection-unknown',
    address: paths.connection('no-such-connection'),
    persona: 'admin',
    expectedError: /status of 404/,
    ready: (page) => page.getByText('There is no such connection.'),
  },
  {
    name: 'users',
    address: paths.users(),
    persona: 'admin',
    ready: (page) => page.getByRole('region', { name: 'People' }).getByRole('link', { name: /^editor / }),
  },
  {
    name: 'user',
    address: paths.users(),
    persona: 'admin',
    open: openEditor,
    ready: (page) => page.getByRole('region', { name: 'Access to local' }),
  },
  {
    name: 'user-grant',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => {
      await openEditor(page)
      await page.getByRole('region', { name: 'Grants' }).getByRole('button', { name: 'Grant', exact: true }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Grant to editor' }).getByRole('combobox', { name: 'Namespace' }),
  },
  {
    name: 'user-remove',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => {
      await openEditor(page)
      await page.getByRole('button', { name: 'Actions of editor' }).click()
      await page.getByRole('menuitem', { name: /^Remove/ }).click()
    },
    ready: (page) => page.getByRole('textbox', { name: 'Type editor to confirm' }),
  },
  {
    name: 'user-invite',
    address: paths.users(),
    persona: 'admin',
    open: (page) => page.getByRole('button', { name: 'Invite' }).click(),
    ready: (page) => page.getByRole('dialog', { name: 'Invite a user' }).getByLabel('Username'),
  },
  {
    name: 'user-unknown',
    address: paths.user('no-such-user'),
    persona: 'admin',
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Look for them in the list.'),
  },
  {
    name: 'group-everyone',
    address: paths.group('everyone'),
    persona: 'admin',
    ready: (page) => page.getByText('Nothing is granted to everyone yet.'),
  },
  {
    name: 'group-new',
    address: paths.users(),
    persona: 'admin',
    open: (page) => page.getByRole('button', { name: 'Group', exact: true }).click(),
    ready: (page) => page.getByRole('dialog', { name: 'New group' }).getByLabel('Name'),
  },
  {
    name: 'access-by-table',
    address: paths.accessTo(FLIGHTS),
    persona: 'admin',
    ready: (page) => page.getByRole('group', { name: 'Who may here' }).getByRole('link', { name: 'viewer' }),
  },
  {
    name: 'access-by-table-refused',
    address: paths.accessTo(FLIGHTS),
    persona: 'viewer',
    ready: (page) => page.getByText(/^Only admins of local\.demo\.flights/),
  },
  {
    name: 'request-access',
    address: paths.table(FLIGHTS),
    persona: 'viewer',
    open: async (page) => {
      await page.getByRole('button', { name: 'Table actions' }).click()
      await page.getByRole('menuitem', { name: 'Request access…' }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: /^Request access/ }).getByLabel('Note'),
  },
  {
    name: 'no-such-page',
    address: '/no/such/page',
    expectedError: /status of 404/,
    ready: (page) => page.getByText('There is no page at this address.'),
  },
  ...CHANGE_CASES,
]

/** The page of the user `editor`, with one line of their access chosen. */
async function openEditor(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: 'People' })
    .getByRole('link', { name: /^editor / })
    .click()
  await page.getByRole('grid', { name: 'Effective access' }).getByText('local', { exact: true }).click()
}

async function openFirstFile(page: Page): Promise<void> {
  await page.getByRole('grid', { name: 'Files' }).getByRole('link').first().click()
  await page.getByRole('grid', { name: 'Column chunks' }).waitFor()
}

async function openFileView(page: Page, view: string): Promise<void> {
  await openFirstFile(page)
  await page.getByText(view, { exact: true }).first().click()
}

function firstFlight(page: Page): Locator {
  return page.getByRole('grid', { name: 'Rows' }).getByText('2001-01-01').first()
}

async function expectShell(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Catalogs', exact: true }).waitFor()
}

/** By a link: a page that is loaded comes with its data and requests none. */
async function openConnections(page: Page, connections: readonly object[]): Promise<void> {
  await page.route('**/api/v1/connections', (route) => route.fulfill({ json: { connections, localRoots: [] } }))
  const indexes = connections.length === 0 ? SEARCH_INDEXES.slice(0, 1) : SEARCH_INDEXES
  await page.route('**/api/v1/search-index', (route) => route.fulfill({ json: { indexes } }))
  await page.getByRole('link', { name: 'Connections', exact: true }).click()
}

async function runQuery(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run' }).click()
}
