import type { Page } from '@playwright/test'
import type { ViewDetail } from '@/lib/contract/views'
import { FLIGHTS, paths, ROUTES } from './addresses'
import {
  getNamespaceProposal,
  getProposal,
  getViewProposal,
  listNamespaceProposals,
  listProposals,
  listViewProposals,
  listWaitingProposals,
} from '@/lib/contract/proposals'
import { stubEndpoint } from './stub-endpoint'

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
  const open = PROPOSALS.filter(({ state }) => state === 'open')
  await stubEndpoint(
    page,
    listWaitingProposals,
    {},
    {
      proposals: open.map((one) => ({ ...one, entry: { kind: 'table', ...params } })),
      badges: [{ table: params, badge: 'certified', badgeReason: 'by the operations team' }],
      isTruncated: false,
    },
  )
  await stubEndpoint(page, listProposals, { table: 'flights' }, { proposals: PROPOSALS })
  for (const proposal of PROPOSALS) {
    const { proposalId } = proposal
    await stubEndpoint(
      page,
      getProposal,
      { table: 'flights', proposalId },
      {
        proposal: { ...proposal, action: { kind: 'change-table', intents: INTENTS } },
      },
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
  await stubEndpoint(page, listNamespaceProposals, { namespace: 'demo' }, { proposals: [proposal] })
  await stubEndpoint(page, getNamespaceProposal, { namespace: 'demo', proposalId: 'n1' }, { proposal })
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
  await stubEndpoint(page, listViewProposals, { view: ROUTES.view }, { proposals })
  for (const proposal of proposals) {
    await stubEndpoint(page, getViewProposal, { view: ROUTES.view, proposalId: proposal.proposalId }, { proposal })
  }
  await page.getByRole('link', { name: /^\d+ open$/ }).click()
}
