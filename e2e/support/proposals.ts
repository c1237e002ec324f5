import type { Page } from '@playwright/test'
import type { ViewDetail } from '@/lib/contract/views'
import { FLIGHTS, paths, ROUTES } from './addresses'

const DAY_MS = 86_400_000
const PROPOSAL = {
  note: 'As agreed with the weather team on Monday.',
  proposedBy: 'vera',
  isOwn: false,
  createdAtMs: Date.now() - DAY_MS,
  expiresAtMs: Date.now() + 29 * DAY_MS,
  state: 'open',
  decidedBy: null,
  decidedAtMs: null,
  comment: null,
  auditId: null,
}

const INTENTS = [{ kind: 'set-property', key: 'owner', value: 'weather', base: null }]

/** Proposals as the server lists them. They are mocked, because real ones would be of a table that other tests read. */
export const PROPOSALS = [
  { ...PROPOSAL, proposalId: 'p1', title: 'Name the owner of flights' },
  {
    ...PROPOSAL,
    proposalId: 'p2',
    title: 'Name another owner',
    state: 'returned',
    decidedBy: 'edna',
    decidedAtMs: Date.now() - 3_600_000,
    comment: 'Use the name of a team.',
  },
] as const

/** By a link: a page load comes with its data and requests none. */
export async function openProposals(page: Page, of: 'table' | 'lake'): Promise<void> {
  const params = { catalog: FLIGHTS.catalog, namespace: FLIGHTS.namespace.join('\x1F'), table: FLIGHTS.table }
  await page.route('**/api/v1/proposals', (route) =>
    route.fulfill({
      json: {
        proposals: PROPOSALS.filter(({ state }) => state === 'open').map((one) => ({
          ...one,
          entry: { kind: 'table', ...params },
        })),
        badges: [{ table: params, badge: 'certified', badgeReason: 'by the operations team' }],
        isTruncated: false,
      },
    }),
  )
  await page.route('**/tables/flights/proposals', (route) => route.fulfill({ json: { proposals: PROPOSALS } }))
  for (const proposal of PROPOSALS) {
    await page.route(`**/tables/flights/proposals/${proposal.proposalId}`, (route) =>
      route.fulfill({ json: { proposal: { ...proposal, action: { kind: 'change-table', intents: INTENTS } } } }),
    )
  }
  if (of === 'table') return page.getByRole('link', { name: /^Proposals/ }).click()
  await page.getByRole('link', { name: 'Home', exact: true }).click()
  await page.getByRole('link', { name: '1 proposal waits for you' }).click()
}

/** Opens those of a namespace that other tests read, from its menu: a page load comes with its data and requests none. */
export async function openNamespaceProposals(page: Page): Promise<void> {
  const proposal = {
    ...PROPOSAL,
    proposalId: 'n1',
    title: 'Nobody uses the namespace',
    action: { kind: 'drop-namespace' },
  }
  const address = '**/namespaces/demo/proposals'
  await page.route(address, (route) => route.fulfill({ json: { proposals: [proposal] } }))
  await page.route(`${address}/n1`, (route) => route.fulfill({ json: { proposal } }))
  await page.getByRole('button', { name: 'Namespace actions' }).click()
  await page.getByRole('menuitem', { name: 'Proposals' }).click()
}

/** Opens those of a view that other tests read, from its page: a page load comes with its data and requests none. */
export async function openViewProposals(page: Page): Promise<void> {
  const response = await page.request.get(`/api/v1${paths.view(ROUTES)}`)
  const { currentVersionId, versions, schemas } = (await response.json()) as ViewDetail
  const current = versions.find(({ versionId }) => versionId === currentVersionId)
  const [changed, ...retained] = (current?.representations ?? []).flatMap((one) => (one.type === 'sql' ? [one] : []))
  const edit = {
    kind: 'replace',
    baseVersionId: currentVersionId,
    retainedDialects: retained.map(({ dialect }) => dialect),
    representations: [{ dialect: changed?.dialect, sql: `${changed?.sql}\nLIMIT 100` }],
    defaultCatalog: current?.defaultCatalog,
    defaultNamespace: current?.defaultNamespace,
    schema: schemas.find(({ schemaId }) => schemaId === current?.schemaId),
  }
  const proposals = [
    { ...PROPOSAL, proposalId: 'v1', title: 'Only busy routes', action: { kind: 'change-view', edit } },
    { ...PROPOSAL, proposalId: 'v2', title: 'Nobody reads it', action: { kind: 'drop-view' } },
  ]
  const address = `**/views/${ROUTES.view}/proposals`
  await page.route(address, (route) => route.fulfill({ json: { proposals: proposals } }))
  for (const proposal of proposals)
    await page.route(`${address}/${proposal.proposalId}`, (route) => route.fulfill({ json: { proposal } }))
  await page.getByRole('link', { name: /^\d+ open$/ }).click()
}
