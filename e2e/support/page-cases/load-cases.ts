import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { getRun, listRejects } from '@/lib/contract/jobs'
import { listUploads } from '@/lib/contract/uploads'
import { getAddedFiles } from '@/lib/contract/table/added-files'
import { getLoad, readRejectedRecords } from '@/lib/contract/loads/loads'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { joinNamespace } from '@/lib/names/identifiers'
import { SAMPLE_LOAD } from '@/testing/contract/sample-load'
import { FLIGHTS, paths } from '../addresses'
import type { PageCase } from '../page-case'
import { matchEndpoint, stubEndpoint } from '../stub-endpoint'

/** Other names, a delay that is not a number, and a field that the table does not have. */
const TEXT = [
  'date;arrival_delay;distance;origin;destination;tail',
  '2001-07-01 00:05;-9;337;SFO;LAX;N123',
  '2001-07-01 00:10;NA;651;SFO;PHX;N124',
  '2001-07-01 00:15;14;868;ORD;EWR;N125',
  '',
].join('\n')

/** The run whose rejected rows are corrected. */
const RUN = '01M8GPC0DR76KBN4ATJ4VPDQZ2'
const REJECTED = [
  'date,arrival_delay,distance,origin,destination',
  '2001-07-01 00:10,NA,651,SFO,PHX',
  '2001-07-01 00:20,7,far,SFO,PHX',
  '',
].join('\n')

const TEXT_FILE = { name: 'flights-2001-h2.csv', mimeType: 'text/csv', buffer: Buffer.from(TEXT) }
const PARQUET = {
  name: 'flights.parquet',
  mimeType: 'application/vnd.apache.parquet',
  buffer: readFileSync(
    'testing/golden/tables/flink_upserts_by_date/data/00000-0-1006b1f9-bae7-4021-b25a-e5b7c4bc120e-00001.parquet',
  ),
}
const FLIGHTS_ON_WIRE = { ...FLIGHTS, namespace: joinNamespace(FLIGHTS.namespace) }
const STOPPED_UPLOAD = {
  uploadId: '01M8GPC0DR76KBN4ATJ4VPDQY0',
  fileName: 'flights-2001-h2.csv',
  target: FLIGHTS_ON_WIRE,
  sizeBytes: 200_278_016,
  receivedBytes: 104_857_600,
  expiresAtMs: Date.UTC(2100, 0, 1),
  proposalId: null,
  runId: null,
}

/** The form that loads files. */
export const LOAD_CASES: readonly PageCase[] = [
  {
    name: 'load',
    address: paths.load(),
    persona: 'editor',
    ready: (page) => page.getByRole('heading', { name: 'An existing table' }),
  },
  {
    name: 'load-empty',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    ready: (page) => page.getByRole('button', { name: /^Drop files here/ }),
  },
  {
    name: 'load-with-rejects',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    open: chooseFile,
    ready: (page) => page.getByText('One field has no column.'),
  },
  {
    name: 'load-narrow-columns',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    open: (page) => chooseOnPhone(page, 'Columns'),
    ready: (page) => page.getByText('Step 3 of 4: Choose a column for tail.'),
  },
  {
    name: 'load-narrow-review',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    open: async (page) => {
      await chooseOnPhone(page, 'Landing')
      await page.getByRole('button', { name: 'Review' }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Review' }).getByText('One field has no column.'),
  },
  {
    name: 'load-refused-file',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    open: (page) => chooseFile(page, { name: 'flights.zip', mimeType: 'application/zip', buffer: Buffer.from('PK') }),
    ready: (page) => page.getByText('A zip archive cannot be loaded: unpack it'),
  },
  {
    name: 'load-refused-drop',
    address: paths.load(),
    persona: 'editor',
    open: (page) => chooseFile(page, { name: 'flights.zip', mimeType: 'application/zip', buffer: Buffer.from('PK') }),
    ready: (page) => page.getByText('Remove flights.zip above, which cannot be loaded.'),
  },
  {
    name: 'load-empty-file',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    open: (page) => chooseFile(page, { name: 'flights.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) }),
    ready: (page) => page.getByText('flights.csv: The file is empty.'),
  },
  {
    name: 'load-parquet',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    open: (page) => chooseFile(page, PARQUET),
    ready: (page) => page.getByText(/fields? to [0-9]+ columns?/),
  },
  {
    name: 'load-stopped-upload',
    address: paths.load(FLIGHTS),
    persona: 'editor',
    expectedError: /ERR_FAILED/,
    prepare: (page) =>
      page.route(matchEndpoint({ path: `${listUploads.path}/:upload` }), (route) =>
        route.request().method() === 'PATCH' ? route.abort() : route.fallback(),
      ),
    open: chooseFile,
    ready: (page) => page.getByText('resumes when the connection is back'),
  },
  {
    name: 'load-earlier-upload',
    address: paths.load(),
    persona: 'editor',
    prepare: (page) => stubEndpoint(page, listUploads, {}, { uploads: [STOPPED_UPLOAD] }),
    // The first view of a form has the uploads of the server.
    open: async (page) => {
      await page.getByRole('textbox', { name: 'Table' }).fill(FLIGHTS.table)
      await page.getByRole('link', { name: 'local.demo.flights', exact: true }).click()
    },
    ready: (page) => page.getByText('so the same file starts over here'),
  },
  {
    name: 'load-corrected-rows',
    address: paths.loadAgain(FLIGHTS, RUN),
    persona: 'editor',
    prepare: mockEarlierLoad,
    open: (page) => page.getByRole('button', { name: 'Use these rows' }).click(),
    ready: (page) => page.getByText('The load would stop: 2 of 2 rows would be rejected'),
  },
  {
    name: 'load-run',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: mockLoadedRun,
    ready: (page) => page.getByText('Oct 2001'),
  },
  {
    name: 'load-run-failed',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: mockFailedRun,
    ready: (page) => page.getByText('Nothing was loaded.'),
  },
  {
    name: 'load-run-queued',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: (page) => mockRun(page, QUEUED, { queue: QUEUE }),
    ready: (page) => page.getByText('The load waits in place 3'),
  },
  {
    name: 'load-run-waiting-for-bytes',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: (page) => mockRun(page, { ...QUEUED, awaitedUploads: 3 }, { wait: WAIT }),
    ready: (page) => page.getByText('This browser cannot send'),
  },
  {
    name: 'load-run-running',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: (page) => mockRun(page, RUNNING),
    ready: (page) => page.getByRole('button', { name: 'Cancel, leave nothing behind…' }),
  },
  {
    name: 'load-run-cancelling',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: (page) => mockRun(page, { ...RUNNING, isCancelRequested: true }),
    ready: (page) => page.getByText('This load is being cancelled'),
  },
  {
    name: 'load-run-cancelled',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: (page) =>
      mockRun(page, { state: 'cancelled', error: { code: 'cancelled', detail: 'The run was cancelled.', facts: {} } }),
    ready: (page) => page.getByText('The load was cancelled.', { exact: false }),
  },
  {
    name: 'load-run-unknown',
    address: paths.loadRun(RUN),
    persona: 'editor',
    prepare: (page) => mockRun(page, { state: 'failed', error: UNKNOWN_OUTCOME }),
    ready: (page) => page.getByText('The files that the load wrote were not removed.', { exact: false }).first(),
  },
  {
    name: 'load-run-removed',
    address: paths.loadRun('01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    persona: 'editor',
    expectedError: /status of 404/,
    ready: (page) => page.getByText('It may have been removed', { exact: false }),
  },
]

const BEGAN_AT_MS = Date.UTC(2026, 10, 27, 14, 19, 48)
const SNAPSHOT_ID = '1858974055100795932'

const QUEUED = {
  state: 'queued',
  startedAtMs: null,
  attemptStartedAtMs: null,
  finishedAtMs: null,
  durationMs: null,
  attempt: 0,
  progress: null,
}
const QUEUE = {
  lane: 'common',
  aheadCount: 2,
  runs: [
    { id: '01M8GPC0DR76KBN4ATJ4VPDQZ1', kind: 'ingest', state: 'running', table: FLIGHTS_ON_WIRE, actor: 'ada' },
    { id: '01M8GPC0DR76KBN4ATJ4VPDQZ0', kind: 'ingest', state: 'queued', table: FLIGHTS_ON_WIRE, actor: 'editor' },
  ],
}
const RUNNING = {
  state: 'running',
  finishedAtMs: null,
  durationMs: 9_000,
  progress: {
    phase: 'reading',
    done: 104_857_600,
    total: 200_278_016,
    unit: 'bytes',
    counters: { rowsRead: 1_638_000, rowsRejected: 2, filesWritten: 0 },
  },
}
/** A load of three files, one of which stopped in the middle. */
const WAIT = {
  fileCount: 3,
  incompleteCount: 1,
  sizeBytes: 300_278_016,
  receivedBytes: 204_857_600,
  expiresAtMs: Date.UTC(2100, 0, 1),
  isOwn: true,
  files: [
    {
      uploadId: STOPPED_UPLOAD.uploadId,
      fileName: STOPPED_UPLOAD.fileName,
      sizeBytes: STOPPED_UPLOAD.sizeBytes,
      receivedBytes: STOPPED_UPLOAD.receivedBytes,
    },
  ],
}
const UNKNOWN_OUTCOME = {
  code: 'commit-state-unknown',
  detail:
    'The catalog did not answer, so it is not known whether the snapshot was committed. Check the table before you load the file again.',
  facts: {},
}

/** A load that has ended, and its request. The page of a run has its data from the server unless it is another run. */
async function mockRun(page: Page, change: object, more: object = {}): Promise<void> {
  await mockEarlierLoad(page)
  await stubEndpoint(
    page,
    getRun,
    { run: RUN },
    {
      run: {
        id: RUN,
        kind: 'ingest',
        title: 'Load flights-2001-h2.csv',
        table: FLIGHTS_ON_WIRE,
        bulkChange: null,
        actor: 'editor',
        scheduleId: null,
        createdAtMs: BEGAN_AT_MS,
        startedAtMs: BEGAN_AT_MS,
        attemptStartedAtMs: BEGAN_AT_MS,
        finishedAtMs: BEGAN_AT_MS + 17_300,
        durationMs: 17_300,
        attempt: 1,
        nextAttemptAtMs: null,
        scheduledForMs: null,
        awaitedUploads: 0,
        isCancelRequested: false,
        progress: {
          phase: 'committing',
          done: 200_278_016,
          total: 200_278_016,
          unit: 'bytes',
          counters: { rowsRead: 3_128_000, rowsRejected: 2, filesWritten: 12 },
        },
        outcome: null,
        warnings: {},
        error: null,
        lastLine: 0,
        canChange: true,
        ...change,
      },
      lines: [],
      isLogOpen: false,
      queue: null,
      wait: null,
      undoes: null,
      undoneBy: null,
      badges: [],
      ...more,
    },
  )
}

async function mockLoadedRun(page: Page): Promise<void> {
  await mockRun(page, {
    state: 'succeeded',
    outcome: {
      snapshotId: SNAPSHOT_ID,
      rowsRead: 3_128_000,
      rowsCommitted: 3_127_998,
      rowsRejected: 2,
      recordsSaved: 2,
      fileCount: 12,
      plainBytes: 56_000_000,
      storedBytes: 14_470_348,
    },
    warnings: { rowsRejected: 2 },
  })
  // Days from 19 Oct 2001.
  const partitions = Array.from({ length: 12 }, (_, i) => ({
    label: `date_day=2001-10-${19 + i}`,
    timeIndex: 11_614 + i,
    rowCount: 260_666,
    fileCount: 1,
    bytes: 1_205_862,
  }))
  await stubEndpoint(
    page,
    getAddedFiles,
    {},
    {
      snapshotId: SNAPSHOT_ID,
      parentSnapshotId: '9122456708841235577',
      committedAtMs: BEGAN_AT_MS + 17_000,
      operation: 'append',
      sequenceNumber: 13,
      newerCount: 0,
      onMain: { snapshotId: SNAPSHOT_ID, parentSnapshotId: '9122456708841235577', newerCount: 0 },
      rows: { before: '3000000', added: '3127998', removed: null, after: '6127998' },
      liveRows: { before: '3000000', after: '6127998' },
      files: { before: '41', added: '12', removed: null, after: '53' },
      bytes: { before: '17301504', added: '14470348', removed: null, after: '31771852' },
      partitionedBy: 'day(date)',
      specId: 1,
      partitionTime: 'day',
      dataFileCount: 12,
      deleteFileCount: 0,
      partitionCount: 12,
      partitions,
      newestFiles: partitions.toReversed().map(({ label, rowCount, bytes }, i) => ({
        path: `file:///lake/demo/flights/data/${label}/flights_data_20261127_01M8GPC0DR76KBN4ATJ4VPDQ${10 + i}.parquet`,
        partition: label,
        recordCount: rowCount,
        fileSizeBytes: bytes,
      })),
      isTruncated: false,
    },
  )
}

async function mockFailedRun(page: Page): Promise<void> {
  await mockRun(page, {
    state: 'failed',
    error: {
      code: 'rows-rejected',
      detail: '2 of 3128000 rows do not fit the table, more than the 1 allowed. The run lists them.',
      facts: { rowsRejected: 2, rowsRead: 3_128_000, rejectsFile: `file:///lake/.lakeshore/rejects/${RUN}.ndjson` },
    },
  })
}

/** An earlier load that rejected two rows. */
async function mockEarlierLoad(page: Page): Promise<void> {
  await stubEndpoint(
    page,
    getLoad,
    { run: RUN },
    {
      ...SAMPLE_LOAD,
      table: { ...FLIGHTS, namespace: joinNamespace(FLIGHTS.namespace) },
      files: [{ name: 'flights-2001-h2.csv', input: null }],
      csv: { ...CSV_DEFAULTS, timestampFormat: '%Y-%m-%d %H:%M' },
      maxRejectedRows: 10,
      recordsSaved: 2,
    },
  )
  const [, first = '', second = ''] = REJECTED.split('\n')
  await stubEndpoint(
    page,
    listRejects,
    { run: RUN },
    {
      rejects: [
        {
          file: null,
          line: 3,
          column: 'arrival_delay',
          value: 'NA',
          reason: 'is not a whole number',
          ...markLast(first, 'NA'),
        },
        {
          file: null,
          line: 9,
          column: 'distance',
          value: 'far',
          reason: 'is not a whole number',
          ...markLast(second, 'far'),
        },
      ],
      totalCount: 2,
      listedRowCount: 2,
      countsByColumn: [
        { column: 'arrival_delay', count: 1 },
        { column: 'distance', count: 1 },
      ],
      anyColumnCount: 2,
      countsByReason: [{ reason: 'is not a whole number', count: 2 }],
      anyReasonCount: 2,
      nextOffset: null,
    },
  )
  await page.route(matchEndpoint(readRejectedRecords, { run: RUN }), (route) => route.fulfill({ body: REJECTED }))
}

function markLast(text: string, value: string) {
  const start = text.lastIndexOf(value)
  return { text, part: { start, end: start + value.length } }
}

type ChosenFile = { name: string; mimeType: string; buffer: Buffer }

async function chooseFile(page: Page, file: ChosenFile = TEXT_FILE): Promise<void> {
  await page.getByLabel('Files of your disk').setInputFiles(file)
}

/** Chooses the file in a narrow window, and goes on to a step. */
async function chooseOnPhone(page: Page, step: string): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 })
  await chooseFile(page)
  const heading = page.getByRole('heading', { name: step })
  for (let i = 0; i < 3 && !(await heading.isVisible()); i++) await page.getByRole('button', { name: 'Next' }).click()
  await heading.waitFor()
}
