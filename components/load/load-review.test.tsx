// @vitest-environment happy-dom
import { cleanup, screen, within, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import { listCatalogs } from '@/lib/contract/catalogs'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { listNextTimes } from '@/lib/contract/jobs'
import { findRepeatedInputs, type LoadPreview, saveLoad, startLoad } from '@/lib/contract/loads/loads'
import { AppError } from '@/lib/errors'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { APPEND_TO_MAIN, type LoadLanding } from '@/lib/ingest/load-landing'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { SAMPLE_PREVIEW } from '@/testing/contract/sample-preview'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { stubApi } from '@/testing/components/stub-api'
import type { LoadBranch } from './landing/use-load-branch'
import { LoadReview } from './load-review'
import type { LocationFile } from './locations/location-files'

const call = stubApi()
const onProposed = vi.fn()
const FILE: PageUpload = {
  id: '1',
  fileName: 'may.csv',
  sizeBytes: 2048,
  target: SAMPLE_IDENTIFIER,
  runId: null,
  state: 'complete',
  sentBytes: 2048,
  storedBytes: 0,
  bytesPerSecond: null,
  failure: null,
  awaitedBy: null,
  uploadId: 'u1',
}
const CSV = { ...CSV_DEFAULTS, delimiter: ';' }
const MAPPING = { columns: { id: { field: 'nr' } }, ignoredFields: ['note'] }
const DRAFT = {
  options: { format: 'csv' as const, csv: CSV, mapping: MAPPING },
  rejects: { maxRejectedShare: 0.1 },
  landing: APPEND_TO_MAIN,
  answered: [],
  allowsNullColumns: false,
  allowsAmbiguousNumbers: false,
  change: () => {},
  changeCsv: () => {},
}

let requiresProposal: boolean
let propose: () => unknown
beforeEach(() => {
  requiresProposal = true
  onProposed.mockReset()
  propose = () => ({ proposal: PROPOSAL })
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy)
      return { requiresProposal, requiredBy: requiresProposal ? ['demo'] : null, enginesBlockedBy: null }
    if (endpoint === proposeChanges) return propose()
    if (endpoint === listCatalogs) return { catalogs: [] }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

const ACTION = {
  kind: 'load-uploads',
  uploads: [{ uploadId: 'u1', fileName: 'may.csv', sizeBytes: 2048 }],
  format: 'csv',
  csv: CSV,
  mapping: MAPPING,
  ignoreExtra: false,
  maxRejectedRows: Number.MAX_SAFE_INTEGER,
  maxRejectedShare: 0.1,
  landing: APPEND_TO_MAIN,
} as const
const PROPOSAL = {
  proposalId: 'p1',
  title: 'Load may.csv',
  note: '',
  action: ACTION,
  proposedBy: 'edna',
  isOwn: true,
  createdAtMs: 1,
  expiresAtMs: 2,
  state: 'open',
  decidedBy: null,
  decidedAtMs: null,
  comment: null,
  auditId: null,
}

function renderReview({
  file = FILE,
  files = [file],
  preview = SAMPLE_PREVIEW,
  located = [],
  corrected = null,
  landing = APPEND_TO_MAIN,
}: {
  file?: PageUpload
  files?: readonly PageUpload[]
  preview?: LoadPreview
  located?: readonly LocationFile[]
  corrected?: Parameters<typeof LoadReview>[0]['corrected']
  landing?: LoadLanding
} = {}) {
  renderInTable(
    reviewOf(file, {
      files,
      located,
      draft: { ...DRAFT, landing },
      corrected,
      questions: preview.questions,
      preview,
    }),
    { role: 'editor' },
  )
}

const inputsOf = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)

it('A load that needs two people is proposed with its title and note, and the page links to the proposal', async () => {
  renderReview()
  await userEvent.click(await enabledButton('Propose…'))
  expect(screen.getByText(/^Ready to propose[.]/)).toBeTruthy()
  const form = await screen.findByRole('form', { name: 'Proposal' })
  expect(within(form).getByLabelText('Title')).toHaveProperty('value', 'Load may.csv')
  await userEvent.type(within(form).getByLabelText('Note'), 'as agreed')
  await userEvent.click(within(form).getByRole('button', { name: 'Propose' }))
  expect(await screen.findByRole('link', { name: 'Load may.csv' })).toHaveProperty(
    'href',
    expect.stringContaining('/proposals/p1'),
  )
  expect(inputsOf(proposeChanges)).toEqual([
    {
      ...SAMPLE_IDENTIFIER,
      title: 'Load may.csv',
      note: 'as agreed',
      action: ACTION,
      idempotencyKey: expect.any(String),
    },
  ])
  expect(onProposed).toHaveBeenCalledTimes(1)
  expect(inputsOf(startLoad)).toEqual([])
})

it('A refused proposal says why, and leaves the files on the page', async () => {
  propose = () => {
    throw new AppError('invalid-request', 'may.csv belongs to the open proposal “Load may.csv”.')
  }
  renderReview()
  await userEvent.click(await enabledButton('Propose…'))
  await userEvent.click(await screen.findByRole('button', { name: 'Propose' }))
  expect((await screen.findByRole('alert')).textContent).toContain('may.csv belongs to the open proposal')
  expect(onProposed).not.toHaveBeenCalled()
})

it.each([
  [
    'a file is on its way',
    { files: [{ ...FILE, state: 'sending', sentBytes: 1 } as const] },
    'A load is proposed when all its files are uploaded.',
  ],
  ['a field has no column', { preview: { ...SAMPLE_PREVIEW, unmappedFields: ['nr'] } }, 'One field has no column.'],
])('No load is proposed while %s', async (_, given, sentence) => {
  renderReview(given)
  expect(
    await screen.findByText('Changes of tables in demo need two people: propose them, and another user commits them.'),
  ).toBeTruthy()
  expect(screen.getByText(sentence)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Propose…' })).toHaveProperty('disabled', true)
  expect(screen.queryByRole('button', { name: 'Load' })).toBeNull()
})

it('A load that needs one user is started', async () => {
  requiresProposal = false
  renderReview()
  expect(await enabledButton('Load')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Propose…' })).toBeNull()
})

const MAIN: LoadBranch = { name: 'main', kind: 'main', figures: SAMPLE_DETAIL.figures, error: null }
const NOT_SAMPLED = { estimate: null, isReading: false, error: null, isPossible: true }
const SENDING = { ...FILE, state: 'sending', sentBytes: 1 } as const

function reviewOf(file: PageUpload, more: Partial<Parameters<typeof LoadReview>[0]> = {}) {
  return (
    <LoadReview
      sheet={null}
      onMissing={async () => {}}
      table={SAMPLE_IDENTIFIER}
      detail={SAMPLE_DETAIL}
      branch={MAIN}
      landingProblem={null}
      files={[file]}
      located={[]}
      draft={DRAFT}
      corrected={null}
      repeatedFile={null}
      questions={[]}
      preview={SAMPLE_PREVIEW}
      awaited={null}
      previewError={null}
      failedColumn={null}
      sampled={NOT_SAMPLED}
      isPreviewed
      openUploads={async () => (more.files?.length === 0 ? [] : [{ uploadId: 'u1' }])}
      onStarted={() => {}}
      onProposed={onProposed}
      {...more}
    />
  )
}

it('A load may be started before the last byte is here: its uploads are registered, which can be stopped, and the run is queued at once', async () => {
  requiresProposal = false
  const others = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) =>
    endpoint === startLoad ? { run: SAMPLE_RUN } : others?.(endpoint, input),
  )
  const onStarted = vi.fn()
  const inputs = [{ uploadId: 'u1' }, { uploadId: 'u2' }]
  const openUploads = vi.fn(async (_signal: AbortSignal) => inputs)
  openUploads.mockImplementationOnce(
    (signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new AppError('cancelled', '')))),
  )
  const waits: PageUpload = { ...FILE, id: '2', state: 'waiting', sentBytes: 0, uploadId: null }
  renderInTable(reviewOf(SENDING, { files: [SENDING, waits], openUploads, onStarted }), { role: 'editor' })
  expect(await screen.findByText(/^The load waits for the last byte[.]/)).toBeTruthy()
  await userEvent.click(await enabledButton('Load'))
  expect(await screen.findByText('Registering 1 of 2 files')).toBeTruthy()
  await userEvent.click(await enabledButton('Stop'))
  expect(await screen.findByText(/^The load waits for the last byte[.]/)).toBeTruthy()
  expect(screen.queryByText('The load was not started')).toBeNull()
  await userEvent.click(await enabledButton('Load'))
  await waitFor(() => expect(onStarted.mock.calls[0]?.[0]).toMatchObject({ run: { id: SAMPLE_RUN.id }, inputs }))
  expect(openUploads).toHaveBeenCalledTimes(2)
  expect(inputsOf(startLoad)).toMatchObject([{ inputs }])
  const { idempotencyKey } = inputsOf(startLoad)[0] as { idempotencyKey: string }
  expect(screen.getByRole('region', { name: 'The request' }).textContent).toContain(idempotencyKey)
})

it('A load of which an upload cannot begin is not started, and says why', async () => {
  requiresProposal = false
  const openUploads = async () => {
    throw new AppError('too-many-requests', 'You have 1,000 uploads that are not loaded yet.', {
      facts: { runId: 'R9' },
    })
  }
  renderInTable(reviewOf(SENDING, { openUploads }), { role: 'editor' })
  await userEvent.click(await enabledButton('Load'))
  expect(await screen.findByText('You have 1,000 uploads that are not loaded yet.')).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Open that load' }).getAttribute('href')).toBe('/ingest/runs/R9')
  expect(inputsOf(startLoad)).toEqual([])
})

it('A load whose upload has expired is not started, and the form looks for the files that are gone', async () => {
  requiresProposal = false
  const others = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === startLoad) throw new AppError('not-found', 'There is no such upload of yours.')
    return others?.(endpoint, input)
  })
  const onMissing = vi.fn(async () => {})
  renderInTable(reviewOf(FILE, { openUploads: async () => [{ uploadId: 'u1' }], onMissing }), { role: 'editor' })
  await userEvent.click(await enabledButton('Load'))
  expect(await screen.findByText('The load was not started')).toBeTruthy()
  expect(onMissing).toHaveBeenCalledOnce()
})

it('A file that is too large for a preview can be loaded', async () => {
  requiresProposal = false
  const tooLarge = new AppError('too-large', 'may.parquet is too large for a preview. It can be loaded all the same.', {
    facts: { limit: 'preview' },
  })
  renderInTable(reviewOf(FILE, { preview: undefined, previewError: tooLarge }), { role: 'editor' })
  await userEvent.click(await enabledButton('Load'))
  expect(screen.getByText(/It can be loaded all the same/)).toBeTruthy()
  await waitFor(() => expect(inputsOf(startLoad)).toHaveLength(1))
})

it('An expression that needs too much memory is named with the step in which it is changed, and nothing is loaded', () => {
  const error = new AppError('too-large', 'The input needs more memory than a run may take.', {
    facts: { limit: 'memory' },
  })
  renderInTable(reviewOf(FILE, { preview: undefined, previewError: error, failedColumn: 'id' }), { role: 'editor' })
  const note = screen.getByRole('alert')
  expect(note.textContent).toContain('The expression for id cannot be computed')
  expect(note.textContent).toContain('Change it in step 3.')
  expect(note.textContent).not.toContain('Split the file')
})

const PATTERN: LocationFile = {
  fileName: 'landing/2026-*/**.csv',
  input: { location: 'landing', match: '2026-*/**.csv' },
  firstName: '2026-05/a.csv',
  fileCount: 3,
  sizeBytes: 4096,
}

it('Files of a location are loaded after the uploads, and the review shows this request', async () => {
  requiresProposal = false
  renderReview({ located: [PATTERN] })
  expect(screen.getByText(/4 files/)).toBeTruthy()
  await userEvent.click(await enabledButton('Load'))
  const inputs = [{ uploadId: 'u1' }, { location: 'landing', match: '2026-*/**.csv' }]
  await waitFor(() => expect(inputsOf(startLoad)).toMatchObject([{ inputs, format: 'csv' }]))
  expect(document.body.textContent).toContain('"match": "2026-*/**.csv"')
})

it('A file of a URL is loaded in the version that was previewed', async () => {
  requiresProposal = false
  const url = 'https://data.example.org/may.csv'
  const located: LocationFile = { fileName: url, input: { url }, firstName: '/may.csv', fileCount: 1, sizeBytes: null }
  renderReview({
    files: [],
    located: [located],
    preview: { ...SAMPLE_PREVIEW, inputVersion: 'v1' },
  })
  await userEvent.click(await enabledButton('Load'))
  await waitFor(() => expect(inputsOf(startLoad)).toMatchObject([{ inputs: [{ url, version: 'v1' }] }]))
})

it('Files of a location are not proposed where a load needs two people', async () => {
  renderReview({ located: [PATTERN] })
  expect(await screen.findByText('Files of a location or a URL cannot be proposed.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Propose…' })).toHaveProperty('disabled', true)
})

const SCHEDULE = {
  id: 's1',
  kind: 'ingest',
  title: 'Nightly',
  detail: null,
  readsOn: false,
  table: SAMPLE_IDENTIFIER,
  owner: 'edna',
  isOwn: true,
  startsBy: 'times',
  cron: '0 2 * * *',
  timeZone: 'UTC',
  watchedTables: [],
  isEnabled: true,
  pausedBecause: null,
  nextRunsAtMs: [],
  lastRun: null,
  lastSkippedAtMs: null,
  version: 1,
  createdAtMs: 1,
  changedAtMs: 1,
  canChange: true,
  canRun: true,
  canTakeOver: false,
} as const

it('A load of a location is saved with its times, and says when its next runs are', async () => {
  requiresProposal = false
  const others = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === listNextTimes) return { nextAtMs: [Date.UTC(2026, 5, 1, 2), Date.UTC(2026, 5, 2, 2)] }
    if (endpoint === saveLoad) return { schedule: SCHEDULE }
    return others?.(endpoint, input)
  })
  renderReview({ files: [], located: [PATTERN] })
  await userEvent.click(await enabledButton('Save this load…'))
  const form = await screen.findByRole('form', { name: 'Save this load' })
  expect(await within(form).findAllByRole('listitem')).toHaveLength(2)
  expect(within(form).getByRole('checkbox', { name: /Load new files only/ })).toHaveProperty('checked', true)
  await userEvent.clear(within(form).getByLabelText('Name'))
  await userEvent.type(within(form).getByLabelText('Name'), 'Nightly')
  await userEvent.click(within(form).getByRole('checkbox', { name: 'Start the first run now' }))
  await userEvent.click(within(form).getByRole('button', { name: 'Save load' }))
  expect(await screen.findByText(/Nightly is saved[.]/)).toBeTruthy()
  expect(inputsOf(saveLoad)).toEqual([
    {
      ...SAMPLE_IDENTIFIER,
      name: 'Nightly',
      startsBy: 'times',
      cron: '0 2 * * *',
      timeZone: expect.any(String),
      inputs: [PATTERN.input],
      format: 'csv',
      csv: CSV,
      mapping: MAPPING,
      landing: APPEND_TO_MAIN,
      maxRejectedShare: 0.1,
      newFilesOnly: true,
      changedFiles: 'report',
      idempotencyKey: expect.any(String),
    },
  ])
})

it('A load with uploads cannot be saved, and one without files of locations is not offered to be', async () => {
  requiresProposal = false
  renderReview({ located: [PATTERN] })
  const button = await screen.findByRole('button', { name: 'Save this load…' })
  expect(button).toHaveProperty('disabled', true)
  expect(button.title).toContain('Uploads cannot be saved')
  cleanup()
  renderReview()
  await enabledButton('Load')
  expect(screen.queryByRole('button', { name: 'Save this load…' })).toBeNull()
})

it('A second correction of the same rows is warned about, and confirmed where it would add them a second time', async () => {
  requiresProposal = false
  const corrections = [
    {
      runId: 'R7',
      correctsRunId: 'R1',
      state: 'succeeded' as const,
      rowsCommitted: 2,
      isUndone: false,
      finishedAtMs: 1_000,
    },
  ]
  renderReview({ corrected: { runId: 'R1', past: { corrections, recordsSaved: 2 } } })
  const warning = (await screen.findByRole('link', { name: 'R7' })).parentElement
  expect(warning?.textContent).toMatch(
    /^These rows were already corrected and loaded by run R7 on 1 Jan 1970.*: loading them again adds them a second time[.]/,
  )
  expect(await screen.findByRole('button', { name: 'Load' })).toHaveProperty('disabled', true)
  await userEvent.click(screen.getByRole('checkbox', { name: 'Add them a second time' }))
  await userEvent.click(await enabledButton('Load'))
  expect(inputsOf(startLoad)).toMatchObject([{ correctsRun: 'R1' }])
  cleanup()
  renderReview({
    corrected: { runId: 'R1', past: { corrections, recordsSaved: 2 } },
    landing: { operation: 'upsert', branch: null },
  })
  expect(await screen.findByRole('link', { name: 'R7' })).toBeTruthy()
  expect(screen.queryByRole('checkbox')).toBeNull()
})

it('After a correction of some rows, the next one says how many of them not to load again', async () => {
  requiresProposal = false
  const corrections = [
    {
      runId: 'R7',
      correctsRunId: 'R1',
      state: 'succeeded' as const,
      rowsCommitted: 4,
      isUndone: false,
      finishedAtMs: 1_000,
    },
  ]
  renderReview({ corrected: { runId: 'R1', past: { corrections, recordsSaved: 1_931 } } })
  const warning = (await screen.findByRole('link', { name: 'R7' })).parentElement
  expect(warning?.textContent).toMatch(
    /^4 of these 1,931 rows were already corrected and loaded, last by run R7 on .*: leave them out, or they are added a second time[.]/,
  )
  await userEvent.click(screen.getByRole('checkbox', { name: 'I removed these rows, or want to add them again' }))
  expect(await enabledButton('Load')).toBeTruthy()
  cleanup()
  // Rows that were rolled back are not added a second time.
  const undone = corrections.map((correction) => ({ ...correction, isUndone: true }))
  renderReview({ corrected: { runId: 'R1', past: { corrections: undone, recordsSaved: 1_931 } } })
  expect(await enabledButton('Load')).toBeTruthy()
  expect(screen.queryByRole('link', { name: 'R7' })).toBeNull()
})

it('A load into a branch shows the figures of that branch, and asks that it still exists', async () => {
  requiresProposal = false
  const figures = { ...SAMPLE_DETAIL.figures, rowCount: 5_030, deleteFileCount: 0 }
  const branch: LoadBranch = { name: 'audit', kind: 'existing', figures, error: null }
  const landing: LoadLanding = { operation: 'append', branch: 'audit' }
  renderInTable(reviewOf(FILE, { branch, draft: { ...DRAFT, landing } }), { role: 'editor' })
  const before = await screen.findByRole('table', { name: 'audit before and after the load' })
  expect(within(before).getByText('5,030')).toBeTruthy()
  expect(document.body.textContent).toContain('"branchMustExist": true')
  await userEvent.click(await enabledButton('Load'))
  await waitFor(() => expect(inputsOf(startLoad)).toMatchObject([{ landing: { ...landing, branchMustExist: true } }]))
})

it('A load into a new branch says where it begins, and waits until that is known', async () => {
  requiresProposal = false
  const landing: LoadLanding = { operation: 'append', branch: 'audit' }
  const reviewWith = (branch: Omit<LoadBranch, 'name'>) =>
    reviewOf(FILE, { branch: { ...branch, name: 'audit' }, draft: { ...DRAFT, landing } })
  renderInTable(reviewWith({ kind: null, figures: null, error: null }), { role: 'editor' })
  expect(await screen.findByRole('button', { name: 'Load' })).toHaveProperty('disabled', true)
  cleanup()
  renderInTable(reviewWith({ kind: 'new', figures: SAMPLE_DETAIL.figures, error: null }), { role: 'editor' })
  expect(await screen.findByText(/snapshot of audit, a new branch that begins at the tip of main, or/)).toBeTruthy()
  await userEvent.click(await enabledButton('Load'))
  await waitFor(() => expect(inputsOf(startLoad)).toMatchObject([{ landing }]))
  expect(inputsOf(startLoad)[0]).not.toMatchObject({ landing: { branchMustExist: true } })
})

it('A load that would empty a column asks first, and says so in its request', async () => {
  requiresProposal = false
  const change = vi.fn()
  const draft = { ...DRAFT, change }
  const preview = { ...SAMPLE_PREVIEW, emptiedColumns: ['symbol'] }
  const review = (allowsNullColumns: boolean) => (
    <LoadReview
      sheet={null}
      onMissing={async () => {}}
      table={SAMPLE_IDENTIFIER}
      detail={SAMPLE_DETAIL}
      branch={MAIN}
      landingProblem={null}
      files={[FILE]}
      located={[]}
      draft={{ ...draft, allowsNullColumns }}
      questions={[]}
      corrected={null}
      repeatedFile={null}
      preview={preview}
      awaited={null}
      previewError={null}
      failedColumn={null}
      sampled={NOT_SAMPLED}
      isPreviewed
      openUploads={async () => [{ uploadId: 'u1' }]}
      onStarted={() => {}}
      onProposed={onProposed}
    />
  )
  renderInTable(review(false), { role: 'editor' })
  expect(await screen.findByText(/The file has no field for symbol, with values in the table/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Load' })).toHaveProperty('disabled', true)
  await userEvent.click(screen.getByRole('checkbox', { name: 'Load null into every row' }))
  expect(change).toHaveBeenCalledWith({ allowsNullColumns: true })
  cleanup()
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === listCatalogs) return { catalogs: [] }
    throw new AppError('catalog-unavailable', 'later')
  })
  renderInTable(review(true), { role: 'editor' })
  await userEvent.click(await enabledButton('Load'))
  await vi.waitUntil(() => inputsOf(startLoad).length > 0, { timeout: 60_000 })
  expect(inputsOf(startLoad)).toMatchObject([{ allowNullColumns: true }])
})

it('A file that can be read in more than one way is neither loaded nor proposed', async () => {
  const readings = [
    { options: { decimalSeparator: '.' as const, groupSeparator: null }, value: '3.472' },
    { options: { decimalSeparator: ',' as const, groupSeparator: '.' as const }, value: '3472' },
  ]
  renderReview({
    preview: { ...SAMPLE_PREVIEW, questions: [{ kind: 'numbers', column: 'n', text: '3.472', line: 2, readings }] },
  })
  expect(await screen.findByText('The file can be read in more than one way.')).toBeTruthy()
  expect(await screen.findByRole('button', { name: 'Propose…' })).toHaveProperty('disabled', true)
})

it('Bytes that were loaded before name their run, and are loaded again if that is meant', async () => {
  requiresProposal = false
  const others = call.getMockImplementation()
  const load = { runId: 'R7', fileName: 'may.csv', username: 'm.kern', finishedAtMs: 1_000, rowCount: 62_113 }
  const repeats = [
    { position: 0, fileName: 'may.csv', same: 'as-loaded', load, sameAs: null },
    { position: 1, fileName: 'b.csv', same: 'as-input', load: null, sameAs: 0 },
  ]
  call.mockImplementation(async (endpoint: unknown, input: unknown) =>
    endpoint === findRepeatedInputs ? { repeats } : others?.(endpoint, input),
  )
  const files = [FILE, { ...FILE, id: '2', fileName: 'b.csv', uploadId: 'u2' }]
  renderReview({ files })
  const note = (await screen.findByRole('checkbox', { name: 'Load again all the same' })).closest('[role=status]')
  expect(note?.textContent).toMatch(
    /^may[.]csv was loaded on 1 Jan 1970.* by m[.]kern: 62,113 rows, run R7[.] b[.]csv has the same bytes as may[.]csv[.]/,
  )
  expect(screen.getByText('2 files have bytes that were loaded before, or that the load has twice.')).toBeTruthy()
  expect(screen.getByRole('link', { name: 'R7' })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Load' })).toHaveProperty('disabled', true)
  await userEvent.click(screen.getByRole('checkbox', { name: 'Load again all the same' }))
  await userEvent.click(await enabledButton('Load'))
  await waitFor(() => expect(inputsOf(startLoad)).toMatchObject([{ loadAgain: true }]))
  cleanup()
  renderReview({ files, landing: { operation: 'upsert', branch: null } })
  expect(await screen.findByRole('link', { name: 'R7' })).toBeTruthy()
  expect(screen.queryByRole('checkbox')).toBeNull()
})
