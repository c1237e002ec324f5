// @vitest-environment happy-dom
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { type ReactElement, useState, useEffect } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { z } from 'zod'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { ReviewPanel } from '@/components/changes/tray/review-panel'
import { ChangePolicyPanel } from '@/components/explore/namespaces/actions/change-policy-panel'
import { DropNamespacePanel } from '@/components/explore/namespaces/actions/drop-namespace-panel'
import { DroppedTablesPanel } from '@/components/explore/namespaces/actions/dropped-tables-panel'
import { NamespaceAboutPanel } from '@/components/explore/namespaces/actions/namespace-about-panel'
import { NamespacePropertiesPanel } from '@/components/explore/namespaces/actions/namespace-properties-panel'
import { RewritePanel } from '@/components/table/compression/studio/rewrite-panel'
import { ExpiryPanel } from '@/components/table/expiry/expiry-panel'
import { ExpiryUndoPanel } from '@/components/table/expiry/expiry-undo-panel'
import { UndoPanel } from '@/components/table/history/undo-panel'
import { ClonePanel } from '@/components/table/lifecycle/clone/clone-panel'
import { DeleteRowsPanel } from '@/components/table/lifecycle/delete-rows-panel'
import { DropPanel } from '@/components/table/lifecycle/drop-panel'
import { RenameTablePanel } from '@/components/table/lifecycle/rename-table-panel'
import { CherryPickPanel } from '@/components/table/publishing/cherry-pick-panel'
import { PublishPanel } from '@/components/table/publishing/publish-panel'
import { RefDropPanel } from '@/components/table/refs/ref-drop-panel'
import { RefMovePanel } from '@/components/table/refs/ref-move-panel'
import { DropViewPanel } from '@/components/views/actions/drop-view-panel'
import { RenameViewPanel } from '@/components/views/actions/rename-view-panel'
import { RollBackPanel } from '@/components/views/actions/roll-back-panel'
import { ViewAboutPanel } from '@/components/views/actions/view-about-panel'
import { ViewPropertiesPanel } from '@/components/views/actions/view-properties-panel'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { dropReviewQuery, useDropTable } from '@/lib/client/lifecycle/tables'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import { listCatalogs } from '@/lib/contract/catalogs'
import type { Endpoint } from '@/lib/contract/endpoint'
import { changeNamespaceProperties, dropNamespace, reviewNamespaceDrop } from '@/lib/contract/lifecycle/namespaces'
import {
  dropTable,
  listDroppedTables,
  listPurgedFiles,
  renameTable,
  restoreTable,
  reviewRestore,
  reviewTableDrop,
  reviewTableRename,
} from '@/lib/contract/lifecycle/tables'
import {
  commitViewEdit,
  dropView,
  listViewUses,
  renameView,
  reviewViewDrop,
  reviewViewEdit,
  reviewViewRename,
} from '@/lib/contract/lifecycle/views'
import { getNamespace, listNamespaces } from '@/lib/contract/namespaces'
import { getChangePolicy, setChangePolicy } from '@/lib/contract/proposals'
import { commitChanges, reviewChanges } from '@/lib/contract/table/changes'
import { commitCherryPick, reviewCherryPick } from '@/lib/contract/table/cherry-picks'
import { reviewClone, startClone } from '@/lib/contract/table/clones'
import { listTableClients } from '@/lib/contract/table/clients'
import { previewExpiry, previewExpiryUndo, undoExpiry } from '@/lib/contract/table/expiry'
import { previewUndo, undoAction } from '@/lib/contract/table/history'
import { listPublications, publish } from '@/lib/contract/table/publications'
import { previewRefDrop, previewRefMove } from '@/lib/contract/table/refs'
import { getRewritePreview, startRewrite } from '@/lib/contract/table/rewrites'
import { reviewRowDeletion, startRowDeletion } from '@/lib/contract/table/row-deletions'
import { getTable } from '@/lib/contract/table/tables'
import { listTableUses } from '@/lib/contract/table/uses'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { enterText } from '@/testing/components/enter-text'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER as TABLE } from '@/testing/components/render-in-table'
import { SAMPLE_DROP_REVIEW } from '@/testing/components/sample-drop-review'
import { SAMPLE_REVIEW } from '@/testing/components/sample-review'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { sampleOutput } from '@/testing/contract/sample-output'
import { SAMPLE_REF_MOVE } from '@/testing/contract/sample-ref-move'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
// Loaded when it is needed: here before a test waits for it.
import '@/components/table/rows/filter/row-filter'

/**
 * A panel reads a review and sends a commit, and another read of the review may be on its way when the commit is sent.
 * The responses arrive in any order. No order may show a problem that the commit of the panel itself has caused, leave an
 * error in the browser's console, or lead to a second commit.
 */

type AnyEndpoint = Endpoint<z.ZodObject, z.ZodType>
type Panel = {
  render: () => ReactElement
  review: AnyEndpoint
  shown: object
  /** The review after the commit, or its failure. */
  moved: object | AppError
  commit: AnyEndpoint
  committed?: object
  button: string | RegExp
  /** The user's steps before the button. */
  prepare?: () => Promise<unknown>
  others?: readonly (readonly [AnyEndpoint, unknown])[]
  role?: Role
  search?: string
  detail?: typeof SAMPLE_DETAIL
  /** The panel reads this with its page, which shows the new state after the commit. */
  isPageData?: true
}

const MOVED = 'The state has moved.'
const PROBLEM = { problem: { code: 'commit-conflict', detail: MOVED, facts: {} } }
const MISSING = new AppError('not-found', MOVED)
const NAMESPACE = { catalog: 'local', namespace: ['demo'] }
const VIEW = { ...NAMESPACE, view: 'busy' }
const DONE = { auditId: 'a2', metadataLocation: 'm' }
const nothing = () => {}
const typeName = async (name = 'demo.flights') => enterText(await screen.findByLabelText(/^Type/), name)

const { request, statements } = SAMPLE_DROP_REVIEW.drop
const RENAME = {
  request: { method: 'POST', path: '/v1/rename', body: '{}' },
  statements,
  nameProblem: null,
  renameProblem: null,
  warnings: [],
}
const NAME_TAKEN = { ...RENAME, nameProblem: MOVED, renameProblem: MOVED }
const typeNewName = async () => {
  const name = await screen.findByRole('textbox', { name: 'Name' })
  await userEvent.clear(name)
  await enterText(name, 'other')
}
const SCRIPT = { text: 'alter', commitCount: 1, missingCount: 0 }
const SCRIPTS = { spark: SCRIPT, trino: SCRIPT, pyiceberg: SCRIPT }
const VIEW_EDIT = {
  request: { path: '/v1/x', body: '{}' },
  scripts: SCRIPTS,
  blockers: [],
  warnings: [],
  lostColumns: [],
  conflict: null,
}
const VIEW_MOVED = {
  ...VIEW_EDIT,
  request: null,
  scripts: null,
  blockers: [{ part: 'version', message: MOVED, dialect: null }],
}
const viewVersion = (versionId: number) => ({
  versionId,
  createdAtMs: versionId,
  schemaId: 0,
  summary: {},
  writer: null,
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  representations: [{ type: 'sql' as const, sql: `select ${versionId}`, dialect: 'duckdb' }],
})
const VIEW_DETAIL = {
  viewUuid: 'd20125c8-7284-442c-9aea-15fee620737c',
  formatVersion: 1,
  catalogKind: 'embedded' as const,
  abilities: ['commit-view' as const],
  location: 'file:///lake/demo/busy',
  metadataLocation: 'm1',
  properties: {},
  currentVersionId: 2,
  currentSinceMs: null,
  openProposalCount: 0,
  versions: [viewVersion(2), viewVersion(1)],
  versionCount: 2,
  schemas: [{ schemaId: 0, identifierFieldIds: [], fields: [] }],
}
const PUBLICATION = {
  branch: 'audit',
  wapId: null,
  snapshotId: '12',
  committedAtMs: 1_000,
  aheadCount: 1,
  behindCount: 0,
  rows: { added: 5, removed: 0 },
  refusal: null,
  nextPick: null,
  checks: [],
  run: null,
}
const PUBLICATIONS = { mainSnapshotId: '13', checks: [], isEnabled: true, totalCount: 1, publications: [PUBLICATION] }
const MOVE = {
  intent: { kind: 'set-ref', refName: 'main', fromSnapshotId: '13', toSnapshotId: '12', safetyTag: null },
  impact: SAMPLE_REF_MOVE,
  needsConfirmation: true,
}
const EXPIRE = { kind: 'expire-snapshots', snapshotIds: ['11'], refNames: [], refs: [], removeFilesAfterMs: null }
const UNDO_PREVIEW = {
  action: 'append',
  properties: [],
  intents: [],
  impact: SAMPLE_REF_MOVE,
  needsConfirmation: true,
  request: { path: '/v1/x', body: '{}' },
}
const PENDING: PendingChanges = {
  intents: [{ kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' }],
  startedAt: null,
  put: nothing,
  drop: nothing,
  update: nothing,
  clear: nothing,
}
const FIELD = { id: 7, name: 'delay', type: 'int' as const, required: false }
const FILTERED = { ...SAMPLE_DETAIL, schema: { schemaId: 0, identifierFieldIds: [], fields: [FIELD] } }
const chooseAnyAge = async () => {
  await userEvent.click(await screen.findByRole('combobox', { name: 'Older than' }))
  await userEvent.click(await screen.findByRole('option', { name: /of any age/ }))
}
const addProperty = async () => {
  await userEvent.click(await screen.findByRole('button', { name: 'Add property' }))
  await enterText(await screen.findByRole('textbox', { name: 'Key' }), 'team')
  await enterText(await screen.findByRole('textbox', { name: 'Value' }), 'x')
}
const typeDescription = async () => enterText(await screen.findByLabelText('Description'), 'x')
/** The smallest output, with some of its fields. */
const sample = ({ output }: AnyEndpoint, fields: object = {}) => ({ ...(sampleOutput(output) as object), ...fields })

const PANELS: Readonly<Record<string, () => Panel>> = {
  'A move of a branch': () => ({
    render: () => <RefMovePanel branch="main" to="snapshot:12" onChoose={nothing} onClose={nothing} onDone={nothing} />,
    review: previewRefMove,
    shown: MOVE,
    moved: PROBLEM,
    commit: commitChanges,
    button: /^(Roll back|Move)$/,
    prepare: typeName,
  }),
  'A removal of a ref': () => ({
    render: () => <RefDropPanel refName="q1" onClose={nothing} onDone={nothing} />,
    review: previewRefDrop,
    shown: {
      ...sample(previewRefDrop),
      intent: { kind: 'drop-ref', refName: 'q1', type: 'tag', snapshotId: '11', safetyTag: null },
      needsConfirmation: true,
    },
    moved: PROBLEM,
    commit: commitChanges,
    button: 'Remove',
    prepare: typeName,
  }),
  'An undo': () => ({
    render: () => <UndoPanel table={TABLE} auditId="a1" onClose={nothing} onDone={nothing} />,
    review: previewUndo,
    shown: UNDO_PREVIEW,
    moved: PROBLEM,
    commit: undoAction,
    committed: { ...DONE, snapshotId: '12' },
    button: 'Undo',
    prepare: typeName,
  }),
  'An expiry': () => ({
    render: () => <ExpiryPanel of="table" onSubject={nothing} onGoing={nothing} onClose={nothing} onDone={nothing} />,
    review: previewExpiry,
    shown: sample(previewExpiry, { intent: EXPIRE, files: null, filesProblem: null, requiredBy: null }),
    moved: PROBLEM,
    commit: commitChanges,
    button: 'Expire 1 snapshot',
    prepare: async () => {
      await chooseAnyAge()
      await typeName()
    },
  }),
  'The undo of an expiry': () => ({
    render: () => <ExpiryUndoPanel auditId="a1" onClose={nothing} onDone={nothing} />,
    review: previewExpiryUndo,
    shown: { ...sample(previewExpiryUndo), method: 'restore', problem: null, removal: null, requiredBy: null },
    moved: { ...sample(previewExpiryUndo), method: 'restore', problem: MOVED, removal: null, requiredBy: null },
    commit: undoExpiry,
    button: 'Undo',
  }),
  'A cherry-pick': () => ({
    render: () => <CherryPickPanel snapshotId="21" onClose={nothing} onDone={nothing} />,
    review: reviewCherryPick,
    shown: sample(reviewCherryPick, { isHistoryExpired: false }),
    moved: PROBLEM,
    commit: commitCherryPick,
    committed: { ...DONE, snapshotId: '14' },
    button: 'Cherry-pick',
  }),
  'A publication': () => ({
    render: () => <PublishPanel snapshotId="12" onClose={nothing} onDone={nothing} />,
    review: previewRefMove,
    shown: { ...MOVE, impact: { ...SAMPLE_REF_MOVE, toSnapshotId: '12' }, needsConfirmation: false },
    moved: PROBLEM,
    commit: publish,
    button: 'Publish',
    others: [[listPublications, PUBLICATIONS]],
  }),
  'The list of a publication': () => ({
    render: () => <PublishPanel snapshotId="12" onClose={nothing} onDone={nothing} />,
    review: listPublications,
    shown: PUBLICATIONS,
    moved: { ...PUBLICATIONS, publications: [] },
    commit: publish,
    button: 'Publish',
    others: [[previewRefMove, { ...MOVE, impact: { ...SAMPLE_REF_MOVE, toSnapshotId: '12' } }]],
  }),
  'A commit of pending changes': () => ({
    render: () => (
      <ReviewPanel
        table={TABLE}
        pending={PENDING}
        detail={SAMPLE_DETAIL}
        onClose={nothing}
        onCommitted={nothing}
        onProposed={nothing}
      />
    ),
    review: reviewChanges,
    shown: SAMPLE_REVIEW,
    moved: { ...SAMPLE_REVIEW, problem: { index: 0, message: MOVED }, request: null, scripts: null },
    commit: commitChanges,
    button: 'Commit',
    others: [[getTable, SAMPLE_DETAIL]],
  }),
  'A rewrite of files': () => ({
    render: () => <RewritePanel hasPendingChanges={false} onClose={nothing} onProposed={nothing} />,
    review: getRewritePreview,
    shown: sample(getRewritePreview, { differingFileCount: 3, maxFilesPerRun: 9, readFileCount: 3, fileCount: 3 }),
    moved: PROBLEM,
    commit: startRewrite,
    committed: { run: SAMPLE_RUN },
    button: 'Rewrite 3 files',
  }),
  'A deletion of rows': () => ({
    render: () => <DeleteRowsPanel table={TABLE} onClose={nothing} />,
    search: 'where=delay > 60',
    detail: FILTERED,
    review: reviewRowDeletion,
    shown: sample(reviewRowDeletion, { where: 'delay > 60', matchingRowCount: 3, wholeRowCount: 0, isComplete: true }),
    moved: PROBLEM,
    commit: startRowDeletion,
    committed: { run: SAMPLE_RUN },
    button: /^Delete 3 rows/,
    prepare: typeName,
  }),
  'A rename of a table': () => ({
    render: () => <RenameTablePanel table={TABLE} onClose={nothing} />,
    review: reviewTableRename,
    shown: RENAME,
    moved: NAME_TAKEN,
    commit: renameTable,
    button: 'Rename',
    prepare: typeNewName,
  }),
  'A rename of a table that is read under its old name': () => ({
    render: () => <RenameTablePanel table={TABLE} onClose={nothing} />,
    review: reviewTableRename,
    shown: RENAME,
    moved: MISSING,
    commit: renameTable,
    button: 'Rename',
    prepare: typeNewName,
  }),
  'A drop of a table': () => ({
    render: () => <DropPanel table={TABLE} onClose={nothing} />,
    review: reviewTableDrop,
    shown: SAMPLE_DROP_REVIEW,
    moved: MISSING,
    commit: dropTable,
    button: 'Drop',
    prepare: typeName,
  }),
  'A clone': () => ({
    render: () => <ClonePanel table={TABLE} onClose={nothing} />,
    review: reviewClone,
    shown: sample(reviewClone, { problems: [], blockers: [] }),
    moved: sample(reviewClone, { problems: [], blockers: [{ part: 'name', message: MOVED }] }),
    commit: startClone,
    committed: { run: SAMPLE_RUN },
    button: 'Start the copy',
    prepare: typeNewName,
    others: [[getTable, SAMPLE_DETAIL]],
  }),
  'A drop of a namespace': () => ({
    render: () => <DropNamespacePanel {...NAMESPACE} onClose={nothing} />,
    review: reviewNamespaceDrop,
    shown: {
      contents: [{ namespace: ['demo'], tables: [], views: [] }],
      isTruncated: false,
      problems: [],
      policyBlockers: [],
      readers: [],
    },
    moved: MISSING,
    commit: dropNamespace,
    button: /^Drop/,
    prepare: () => typeName('demo'),
  }),
  'A restored table': () => ({
    render: () => <DroppedTablesPanel {...NAMESPACE} onClose={nothing} />,
    review: reviewRestore,
    shown: { nameProblem: null },
    moved: { nameProblem: MOVED },
    commit: restoreTable,
    button: 'Restore flights',
    others: [
      [
        listDroppedTables,
        {
          tables: [
            {
              auditId: 'a1',
              kind: 'table',
              table: 'flights',
              droppedAtMs: 1,
              actor: 'ada',
              metadataLocation: 'm',
              purgeAtMs: null,
              isNameTaken: false,
            },
          ],
          isTruncated: false,
        },
      ],
    ],
  }),
  'A drop of a view': () => ({
    render: () => <DropViewPanel view={VIEW} detail={VIEW_DETAIL} onClose={nothing} />,
    review: reviewViewDrop,
    shown: {
      metadataLocation: 'm1',
      problem: null,
      versionCount: 2,
      dialects: ['duckdb'],
      canRestore: true,
      dropProblem: null,
      request,
      statements,
    },
    moved: MISSING,
    commit: dropView,
    button: 'Drop',
    prepare: () => typeName('demo.busy'),
  }),
  'A rename of a view': () => ({
    render: () => <RenameViewPanel view={VIEW} detail={VIEW_DETAIL} onClose={nothing} />,
    review: reviewViewRename,
    shown: RENAME,
    moved: MISSING,
    commit: renameView,
    button: 'Rename',
    prepare: typeNewName,
  }),
  'A rollback of a view': () => ({
    render: () => <RollBackPanel view={VIEW} detail={VIEW_DETAIL} onClose={nothing} />,
    search: 'version=1&action=roll-back',
    review: reviewViewEdit,
    shown: VIEW_EDIT,
    moved: VIEW_MOVED,
    commit: commitViewEdit,
    button: 'Roll back to version 1',
  }),
  'A description of a view': () => ({
    render: () => <ViewAboutPanel view={VIEW} detail={VIEW_DETAIL} onClose={nothing} />,
    review: reviewViewEdit,
    shown: VIEW_EDIT,
    moved: VIEW_MOVED,
    commit: commitViewEdit,
    button: 'Save',
    prepare: typeDescription,
  }),
  'Properties of a view': () => ({
    render: () => <ViewPropertiesPanel view={VIEW} detail={VIEW_DETAIL} onClose={nothing} />,
    review: reviewViewEdit,
    shown: VIEW_EDIT,
    moved: VIEW_MOVED,
    commit: commitViewEdit,
    button: 'Save',
    prepare: addProperty,
  }),
  'A description of a namespace': () => ({
    render: () => <NamespaceAboutPanel {...NAMESPACE} onClose={nothing} />,
    review: getNamespace,
    shown: sample(getNamespace, { properties: {} }),
    moved: sample(getNamespace, { properties: { comment: 'x' } }),
    isPageData: true,
    commit: changeNamespaceProperties,
    button: 'Save',
    prepare: typeDescription,
  }),
  'Properties of a namespace': () => ({
    render: () => <NamespacePropertiesPanel {...NAMESPACE} onClose={nothing} />,
    review: getNamespace,
    shown: sample(getNamespace, { properties: {} }),
    moved: sample(getNamespace, { properties: { team: 'x' } }),
    isPageData: true,
    commit: changeNamespaceProperties,
    button: /^Save/,
    prepare: addProperty,
  }),
  'A change policy': () => ({
    render: () => <ChangePolicyPanel {...NAMESPACE} onClose={nothing} />,
    role: 'admin',
    review: getChangePolicy,
    shown: { requiresProposal: false, requiredBy: null, enginesBlockedBy: null },
    moved: { requiresProposal: true, requiredBy: ['demo'], enginesBlockedBy: null },
    isPageData: true,
    commit: setChangePolicy,
    committed: { requiresProposal: true, requiredBy: ['demo'], enginesBlockedBy: null },
    button: 'Save',
    prepare: async () => userEvent.click(await screen.findByRole('switch', { name: /^Require a second person/ })),
  }),
}

const call = stubApi()
stubFonts()
let seen: { problems: string[]; failures: string[] }
let observer: MutationObserver

beforeEach(() => {
  seen = { problems: [], failures: [] }
  const answered = globalThis.fetch
  vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
    const response = await answered(address, init)
    // The browser writes it into its console.
    if (!response.ok) seen.failures.push(`${response.status} ${address}`)
    return response
  })
  observer = new MutationObserver(() => {
    const alerts = screen.queryAllByRole('alert').map(({ textContent }) => textContent ?? '')
    seen.problems.push(...alerts.filter((text) => text !== ''))
    if (document.body.textContent?.includes(MOVED)) seen.problems.push(MOVED)
  })
  observer.observe(document.body, { subtree: true, childList: true, characterData: true })
})
afterEach(() => {
  observer.disconnect()
  cleanup()
  localStorage.clear()
})

/** Renders a panel whose review has arrived, and holds the responses that follow. */
async function open(panel: Panel) {
  const others = new Map<unknown, unknown>([
    [getChangePolicy, { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }],
    [listNamespaces, { namespaces: [], isTruncated: false, skippedCount: 0 }],
    [listTableUses, { uses: [], isTruncated: false, missingCatalogs: [] }],
    [listViewUses, { uses: [], isTruncated: false, missingCatalogs: [] }],
    [listTableClients, NO_CLIENTS],
    [listCatalogs, { catalogs: [] }],
    ...(panel.others ?? []),
  ])
  const held = { reviews: [] as PromiseWithResolvers<unknown>[], commits: [] as PromiseWithResolvers<unknown>[] }
  let isHolding = false
  let hasMoved = false
  call.mockImplementation((endpoint: AnyEndpoint) => {
    const hold = (list: PromiseWithResolvers<unknown>[]) => {
      const response = Promise.withResolvers<unknown>()
      list.push(response)
      return response.promise
    }
    if (endpoint === panel.commit) {
      hasMoved = true
      return hold(held.commits)
    }
    if (endpoint === panel.review) return isHolding ? hold(held.reviews) : hasMoved ? panel.moved : panel.shown
    return others.has(endpoint) ? others.get(endpoint) : sampleOutput(endpoint.output)
  })
  let client: QueryClient | null = null
  function Client() {
    const current = useQueryClient()
    useEffect(() => {
      client = current
    }, [current])
    return null
  }
  const { role = 'editor', search = '', detail = SAMPLE_DETAIL } = panel
  renderInTable(
    <>
      {panel.render()}
      <Client />
    </>,
    { role, search, detail, hasShortPauses: true },
  )
  await panel.prepare?.()
  const button = await waitFor(() => {
    const found = screen.getByRole<HTMLButtonElement>('button', { name: panel.button })
    expect(found.disabled).toBe(false)
    return found
  })
  isHolding = true
  const deliver = (response: PromiseWithResolvers<unknown> | undefined, answer: unknown) =>
    act(async () => {
      if (answer instanceof Error) response?.reject(answer)
      else response?.resolve(answer)
      await settle()
    })
  /** As after the focus returns to the window. */
  const readAgain = () =>
    act(async () => {
      void client?.refetchQueries({ type: 'active' })
      await settle()
    })
  return { held, button, deliver, readAgain }
}

/** A response passes several promises and timers of zero. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 0))
}

/** Everything that a user or the console of the browser would have seen. */
async function commitDuring(panel: Panel, first: 'review' | 'commit') {
  const logged = vi.spyOn(console, 'error')
  const { held, button, deliver, readAgain } = await open(panel)
  await readAgain()
  const reviewCount = held.reviews.length
  await userEvent.click(button)
  await waitFor(() => expect(held.commits).toHaveLength(1))
  const review = async () => {
    for (const one of held.reviews) await deliver(one, panel.moved)
  }
  const commit = () => deliver(held.commits[0], panel.committed ?? sample(panel.commit, DONE))
  if (first === 'review') await review()
  await readAgain()
  await commit()
  if (first === 'commit') await review()
  await readAgain()
  for (const again of screen.queryAllByRole<HTMLButtonElement>('button', { name: panel.button }))
    await userEvent.click(again, { pointerEventsCheck: 0 })
  await act(settle)
  return {
    ...seen,
    logged: logged.mock.calls.map(([text]) => String(text)),
    laterReviews: panel.isPageData ? 0 : held.reviews.length - reviewCount,
    commits: held.commits.length,
  }
}

/** As {@link commitDuring}, for two reads of the review without a commit. */
async function readTwice(panel: Panel, order: readonly number[]) {
  const logged = vi.spyOn(console, 'error')
  const { held, button, deliver, readAgain } = await open(panel)
  await readAgain()
  const earlier = held.reviews.splice(0)
  await readAgain()
  const reads = [
    { reviews: earlier, answer: panel.moved },
    { reviews: held.reviews, answer: panel.shown },
  ]
  for (const index of order)
    for (const review of reads[index]?.reviews ?? []) await deliver(review, reads[index]?.answer)
  return {
    ...seen,
    logged: logged.mock.calls.map(([text]) => String(text)),
    commits: held.commits.length,
    fits: !button.disabled,
  }
}

const CLEAN = { problems: [], failures: [], logged: [], laterReviews: 0, commits: 1 }

describe.each(Object.entries(PANELS).map(([name, toPanel], i) => [name, toPanel, i] as const))(
  '%s',
  (_name, toPanel, i) => {
    // A review that comes after its commit is the same for all panels: a third of them show it.
    it.each(i % 3 === 0 ? (['review', 'commit'] as const) : (['review'] as const))(
      'is carried out once and shows no problem if the %s arrives first',
      async (first) => {
        expect(await commitDuring(toPanel(), first)).toEqual(CLEAN)
      },
    )

    it('shows the later review if an earlier one arrives last', async () => {
      expect(await readTwice(toPanel(), [1, 0])).toEqual({
        problems: [],
        failures: [],
        logged: [],
        commits: 0,
        fits: true,
      })
    })
  },
)

/** Reads its review whatever becomes of its action. */
function CarelessPanel() {
  const query = useQuery(dropReviewQuery(TABLE, { isPurge: false }))
  const drop = useDropTable(TABLE, nothing)
  const { data } = query
  return (
    <ActionPanel
      title="Drop table"
      entry={TABLE}
      query={query}
      action={{
        label: 'Drop',
        fits: data !== undefined,
        commit: () => drop.mutate({ isPurge: false, metadataLocation: 'm', confirmedName: 'x' }),
      }}
      onClose={nothing}
    />
  )
}

it.each(['review', 'commit'] as const)(
  'finds a panel that reads its review again, if the %s arrives first',
  async (first) => {
    const panel: Panel = {
      render: () => <CarelessPanel />,
      review: reviewTableDrop,
      shown: SAMPLE_DROP_REVIEW,
      moved: MISSING,
      commit: dropTable,
      button: 'Drop',
      others: [[listPurgedFiles, sample(listPurgedFiles)]],
    }
    const found = await commitDuring(panel, first)
    expect(found.failures).not.toEqual([])
    expect(found.problems).toContain(MOVED)
    expect(found.laterReviews).toBeGreaterThan(0)
    expect(found.commits).toBeGreaterThan(1)
  },
)

/** Shows whichever review arrives last. */
function UnorderedPanel() {
  const [problem, setProblem] = useState<string | null>(null)
  useQuery({
    ...dropReviewQuery(TABLE, { isPurge: false }),
    queryFn: async () => {
      const review = await callEndpoint('reviewTableDrop', TABLE)
      setProblem(review.dropProblem)
      return review
    },
  })
  return (
    <ActionPanel
      title="Drop table"
      entry={TABLE}
      warnings={problem === null ? [] : [problem]}
      action={{ label: 'Drop', fits: problem === null, commit: nothing }}
      onClose={nothing}
    />
  )
}

it('finds a panel that shows an earlier review', async () => {
  const panel: Panel = {
    render: () => <UnorderedPanel />,
    review: reviewTableDrop,
    shown: SAMPLE_DROP_REVIEW,
    moved: { ...SAMPLE_DROP_REVIEW, dropProblem: MOVED },
    commit: dropTable,
    button: 'Drop',
  }
  expect(await readTwice(panel, [1, 0])).toMatchObject({ problems: expect.arrayContaining([MOVED]), fits: false })
})
