import { paths } from '../addresses'
import type { PageCase } from '../page-case'
import { openProposals } from '../proposals'

/** Catalogs, the warehouse, and namespaces. */
export const LAKE_CASES: readonly PageCase[] = [
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
    name: 'table-properties',
    address: paths.tableProperties('local', ['demo']),
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Property', exact: true }).fill('owner')
      await page.keyboard.press('Escape')
      await page.getByRole('textbox', { name: 'Value', exact: true }).fill('weather team')
      await page.getByRole('button', { name: 'Set', exact: true }).click()
      await page.getByRole('button', { name: /^Choose \d+ tables/ }).click()
      await page.getByRole('button', { name: /^Preview/ }).click()
    },
    ready: (page) => page.getByRole('grid', { name: 'Tables' }).getByText('will change').first(),
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
    ready: (page) => page.getByRole('switch', { name: /^Changes of tables and views need two people/ }),
  },
  {
    name: 'namespace-new',
    address: `${paths.catalog('local')}?action=new`,
    ready: (page) => page.getByRole('button', { name: 'Create' }),
  },
  {
    name: 'namespace-about',
    address: `${paths.namespace('local', ['demo'])}?action=about`,
    open: (page) => page.getByRole('complementary').getByText('Deprecated', { exact: true }).click(),
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
    ready: (page) => page.getByText(/These go with the namespace|no namespaces, can be dropped/),
  },
  {
    name: 'namespace-dropped-tables',
    address: `${paths.namespace('local', ['demo'])}?action=dropped`,
    ready: (page) => page.getByText('No table or view of this namespace can be restored'),
  },
]
