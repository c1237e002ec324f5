import type { Page } from '@playwright/test'
import { type DroppedTable, listDroppedTables, reviewRestore } from '@/lib/contract/lifecycle/tables'
import { paths } from '../addresses'
import type { PageCase } from '../page-case'
import { panelNamed } from '../panels'
import { openNamespaceProposals, openProposals } from '../proposals'
import { stubEndpoint } from '../stub-endpoint'

const DAY_MS = 86_400_000
const DROPPED_TABLE = { actor: 'edna', metadataLocation: 'file:///lake/00003.metadata.json', isNameTaken: false }
/** A table whose name is taken, one whose files are removed later, and a view. */
const DROPPED: readonly DroppedTable[] = [
  {
    ...DROPPED_TABLE,
    auditId: 'd1',
    kind: 'table',
    table: 'flights',
    droppedAtMs: Date.now() - 3_600_000,
    purgeAtMs: null,
    isNameTaken: true,
  },
  {
    ...DROPPED_TABLE,
    auditId: 'd2',
    kind: 'table',
    table: 'flights_of_2002',
    droppedAtMs: Date.now() - DAY_MS,
    purgeAtMs: Date.now() + 6 * DAY_MS,
  },
  {
    ...DROPPED_TABLE,
    auditId: 'd3',
    kind: 'view',
    table: 'flights_by_carrier',
    droppedAtMs: Date.now() - 2 * DAY_MS,
    purgeAtMs: null,
  },
]

async function chooseOwnerOfTables(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'Property', exact: true }).fill('owner')
  await page.keyboard.press('Escape')
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill('weather team')
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await page.getByRole('button', { name: /^Choose \d+ tables/ }).click()
}

/** Catalogs, the warehouse, and namespaces. */
export const LAKE_CASES: readonly PageCase[] = [
  {
    name: 'catalogs',
    address: paths.catalogs(),
    // Alone, it is shown in place of the list.
    ready: (page) => page.getByRole('main').getByText('local', { exact: true }).first(),
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
    name: 'table-properties',
    address: paths.tableProperties('local', ['demo']),
    open: chooseOwnerOfTables,
    ready: (page) => page.getByRole('button', { name: /^Preview \d+ tables/, disabled: false }),
  },
  {
    name: 'bulk-change',
    address: paths.tableProperties('local', ['demo']),
    open: async (page) => {
      await chooseOwnerOfTables(page)
      await page.getByRole('button', { name: /^Preview \d+ tables/ }).click()
    },
    ready: (page) => page.getByRole('button', { name: /^(Change|Propose for) \d+ tables/ }),
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
    name: 'proposals',
    address: paths.account(),
    open: (page) => openProposals(page, 'lake'),
    ready: (page) => page.getByRole('grid', { name: 'Waiting for you' }),
  },
  {
    name: 'change-policy',
    address: `${paths.namespace('local', ['demo'])}?action=policy`,
    persona: 'admin',
    ready: (page) => page.getByRole('switch', { name: /^Require a second person for changes/ }),
  },
  {
    name: 'namespace-new',
    address: `${paths.catalog('local')}?action=new`,
    ready: (page) => page.getByRole('button', { name: 'Create' }),
  },
  {
    name: 'namespace-about',
    address: `${paths.namespace('local', ['demo'])}?action=about`,
    open: (page) => panelNamed(page, 'About this namespace').getByText('Deprecated', { exact: true }).click(),
    ready: (page) => page.getByLabel('What to use in its place'),
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
    ready: (page) => page.getByText(/is dropped with the namespace|no namespaces, can be dropped/),
  },
  {
    name: 'namespace-proposals',
    address: paths.namespace('local', ['demo']),
    open: (page) => openNamespaceProposals(page),
    ready: (page) => page.getByRole('grid', { name: 'Proposals' }).getByText('Nobody uses the namespace'),
  },
  {
    name: 'namespace-proposal',
    address: paths.namespace('local', ['demo']),
    persona: 'editor',
    open: async (page) => {
      await openNamespaceProposals(page)
      await page.getByRole('link', { name: 'Nobody uses the namespace' }).click()
    },
    ready: (page) => page.getByText(/is dropped with the namespace|at most/i),
  },
  {
    name: 'namespace-dropped-tables',
    address: `${paths.namespace('local', ['demo'])}?action=dropped`,
    ready: (page) => page.getByText('No table or view of this namespace can be restored'),
  },
  {
    name: 'namespace-dropped-tables-to-restore',
    address: `${paths.namespace('local', ['demo'])}?action=dropped`,
    // The response is mocked, because no test may drop the tables of the others.
    prepare: async (page) => {
      await stubEndpoint(page, listDroppedTables, { namespace: 'demo' }, { tables: DROPPED, isTruncated: false })
      await stubEndpoint(page, reviewRestore, { namespace: 'demo' }, { nameProblem: null })
    },
    ready: (page) => page.getByRole('button', { name: 'Restore flights_by_carrier' }),
  },
]
