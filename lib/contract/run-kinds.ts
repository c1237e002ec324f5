/**
 * The kinds of runs, each described once: what pages, the API and the command line call it, what its progress counts,
 * and what it results in. The workers' half of a kind is a `RunKind` (`server/jobs/run-kind.ts`).
 */

/** Units in which the progress of a run counts `done` and `total`. */
export const RUN_UNITS = ['bytes', 'files', 'objects', 'tables', 'snapshots', 'checks', 'codecs'] as const
export type RunUnit = (typeof RUN_UNITS)[number]

export const MAX_RUN_COUNTERS = 8

export type RunProgress = {
  /** A name of the kind's phases; null before the first. */
  phase: string | null
  /** In `unit`, like `total`, which is null while it is not known. */
  done: number
  total: number | null
  unit: RunUnit
  /** By name, as the kind describes them; at most {@link MAX_RUN_COUNTERS}. */
  counters: Readonly<Record<string, number>>
}

/** A noun for a number: `row`, `rows`. */
type Noun = readonly [one: string, many: string]

export type RunCounter = {
  noun: Noun
  /** Whether people also want to know how fast it grows. */
  hasRate?: boolean
  /** Whether only the page of the run shows it. */
  isDetail?: boolean
}

export type OutcomeFormat = 'count' | 'bytes' | 'duration' | 'text' | 'id' | 'flag' | 'run'
export type OutcomeField = { label: string; format: OutcomeFormat }

/** The outcome in a few words: `1,234 rows`, or `2 of 3 checks passed` with another field that has the total. */
export type OutcomeSummary = {
  field: string
  totalField?: string
  noun: Noun
  /** A field that says `emptyText` instead when it is 0. */
  emptyField?: string
  emptyText?: string
}

export const MAX_RUN_WARNINGS = 8

/**
 * A number in the outcome of a run that succeeded, which a user has to look at unless it is zero: of `field`, or of
 * what `totalField` has more. A field that is `true` counts as one.
 */
export type RunWarning = { field: string; totalField?: string; text: Noun | string }

export type RunKindDescriptor = {
  /** A noun for lists and filters, in sentence case. */
  title: string
  /** By name, in order, as a person follows them: `reading`. */
  phases: Readonly<Record<string, string>>
  /** Counters shown next to `done`. */
  counters: Readonly<Record<string, RunCounter>>
  /** The fields of the outcome that are shown, in order. */
  outcome: Readonly<Record<string, OutcomeField>>
  summary: OutcomeSummary | null
  /** By name, what a run that succeeded may have left or found wrong; at most {@link MAX_RUN_WARNINGS}. */
  warnings: Readonly<Record<string, RunWarning>>
  /** Whether schedules queue it. */
  isSchedulable: boolean
}

const SNAPSHOT: OutcomeField = { label: 'Snapshot', format: 'text' }
const ROWS: RunCounter = { noun: ['row', 'rows'], hasRate: true }
const FILES: RunCounter = { noun: ['file', 'files'] }
const FILES_LEFT: OutcomeField = { label: 'Files kept, not owned by the table', format: 'count' }

const LOAD_PHASES = {
  copying: 'copying',
  unpacking: 'decompressing',
  reading: 'reading',
  checking: 'checking',
  writing: 'writing',
  matching: 'finding rows to replace',
  committing: 'committing',
}

/** Shared by all runs that bring rows into a table. */
const LOAD = {
  counters: {
    rowsRead: ROWS,
    rowsReadEstimate: { noun: ['row read, about', 'rows read, about'], isDetail: true },
    rowsRejected: { noun: ['row rejected', 'rows rejected'] },
    filesWritten: FILES,
    plainBytesWritten: { noun: ['plain byte', 'plain bytes'], isDetail: true },
    storedBytesWritten: { noun: ['file byte', 'file bytes'], isDetail: true },
    bytesCopied: { noun: ['byte copied', 'bytes copied'], isDetail: true },
    rowsCompared: { noun: ['row compared', 'rows compared'] },
  },
  outcome: {
    snapshotId: SNAPSHOT,
    rowsRead: { label: 'Rows read', format: 'count' },
    rowsCommitted: { label: 'Rows committed', format: 'count' },
    rowsUpdated: { label: 'Rows updated', format: 'count' },
    rowsInserted: { label: 'Rows inserted', format: 'count' },
    rowsSuperseded: { label: 'Rows superseded by later ones', format: 'count' },
    rowsRejected: { label: 'Rows rejected', format: 'count' },
    newFileCount: { label: 'New files', format: 'count' },
    changedFileCount: { label: 'Files changed since they were loaded', format: 'count' },
    remainingFileCount: { label: 'New files for the next run', format: 'count' },
    absentColumns: { label: 'Columns without a field', format: 'text' },
    skippedFields: { label: 'Skipped fields', format: 'text' },
    correctsRunId: { label: 'Corrects the rejects of', format: 'run' },
    fileCount: { label: 'Files', format: 'count' },
    plainBytes: { label: 'Plain bytes', format: 'bytes' },
    storedBytes: { label: 'File bytes', format: 'bytes' },
  },
  summary: { field: 'rowsCommitted', noun: ['row', 'rows'], emptyField: 'newFileCount', emptyText: 'no new files' },
  warnings: {
    rowsRejected: { field: 'rowsRejected', text: ['row rejected', 'rows rejected'] },
    filesChanged: {
      field: 'changedFileCount',
      text: ['file changed after it was loaded', 'files changed after they were loaded'],
    },
    filesRemaining: { field: 'remainingFileCount', text: ['new file for the next run', 'new files for the next run'] },
  },
  isSchedulable: true,
} as const satisfies Omit<RunKindDescriptor, 'title' | 'phases'>

export const RUN_KINDS = {
  ingest: { title: 'Ingest', phases: LOAD_PHASES, ...LOAD },
  'save-result': {
    title: 'Saved result of a query',
    phases: { querying: 'running the query', ...LOAD_PHASES },
    ...LOAD,
  },
  'rewrite-files': {
    title: 'Rewrite of files',
    phases: { selecting: 'reading footers', rewriting: 'rewriting', committing: 'committing' },
    counters: { rowsRewritten: ROWS, filesRewritten: FILES },
    outcome: {
      snapshotId: SNAPSHOT,
      filesRewritten: { label: 'Files rewritten', format: 'count' },
      rowsRewritten: { label: 'Rows, all the same', format: 'count' },
      bytesBefore: { label: 'Bytes before', format: 'bytes' },
      bytesAfter: { label: 'Bytes after', format: 'bytes' },
      filesSkipped: { label: 'Files left out', format: 'count' },
      filesRemaining: { label: 'Files for another run', format: 'count' },
      rewriteMs: { label: 'Time to rewrite', format: 'duration' },
      codecs: { label: 'Codecs', format: 'text' },
    },
    summary: { field: 'filesRewritten', noun: ['file rewritten', 'files rewritten'] },
    warnings: {},
    isSchedulable: false,
  },
  'delete-rows': {
    title: 'Deletion of rows',
    phases: { selecting: 'reading manifests', deleting: 'finding rows', committing: 'committing' },
    counters: { filesRead: { noun: ['file read', 'files read'] } },
    outcome: {
      snapshotId: SNAPSHOT,
      rowsDeleted: { label: 'Rows deleted', format: 'count' },
      filesRemoved: { label: 'Data files removed', format: 'count' },
      filesChanged: { label: 'Data files with other rows', format: 'count' },
      filesRead: { label: 'Data files read', format: 'count' },
      mode: { label: 'Mode', format: 'text' },
    },
    summary: { field: 'rowsDeleted', noun: ['row deleted', 'rows deleted'] },
    warnings: {},
    isSchedulable: false,
  },
  'clone-table': {
    title: 'Clone of a table',
    phases: { planning: 'reading manifests', copying: 'copying', creating: 'creating the table' },
    counters: { rowsCopied: ROWS, filesCopied: FILES },
    outcome: {
      snapshotId: SNAPSHOT,
      dataFilesCopied: { label: 'Data files copied', format: 'count' },
      deleteFilesCopied: { label: 'Delete files copied', format: 'count' },
      rowsCopied: { label: 'Rows copied', format: 'count' },
      bytesCopied: { label: 'Bytes copied', format: 'bytes' },
    },
    summary: { field: 'rowsCopied', noun: ['row copied', 'rows copied'] },
    warnings: {},
    isSchedulable: false,
  },
  'purge-table': {
    title: 'Removal of a table’s files',
    phases: { removing: 'removing' },
    counters: { filesRetained: { noun: ['file kept', 'files kept'] } },
    outcome: { filesRemoved: { label: 'Files removed', format: 'count' }, filesRetained: FILES_LEFT },
    summary: { field: 'filesRemoved', noun: ['file removed', 'files removed'] },
    warnings: {},
    isSchedulable: false,
  },
  'remove-expired-files': {
    title: 'Removal of expired files',
    phases: { looking: 'looking at other tables', reading: 'reading what stays', removing: 'removing' },
    counters: {
      dataFilesRemoved: { noun: ['data file', 'data files'] },
      filesRetained: { noun: ['file kept', 'files kept'] },
    },
    outcome: {
      filesRemoved: { label: 'Files removed', format: 'count' },
      dataFilesRemoved: { label: 'Data files removed', format: 'count' },
      bytesRemoved: { label: 'Bytes removed', format: 'bytes' },
      filesRetained: FILES_LEFT,
    },
    summary: { field: 'filesRemoved', noun: ['file removed', 'files removed'] },
    warnings: {},
    isSchedulable: false,
  },
  'count-expiry': {
    title: 'Dry run of an expiry',
    phases: { reading: 'reading snapshots' },
    counters: {},
    outcome: {
      fileCount: { label: 'Files that can be removed', format: 'count' },
      removableBytes: { label: 'Bytes that can be removed', format: 'bytes' },
    },
    summary: { field: 'fileCount', noun: ['file counted', 'files counted'] },
    warnings: {},
    isSchedulable: false,
  },
  'check-table': {
    title: 'Checks of a table',
    phases: { checking: 'running checks' },
    counters: { checksPassed: { noun: ['passed', 'passed'] } },
    outcome: {
      snapshotId: SNAPSHOT,
      checkCount: { label: 'Checks', format: 'count' },
      passedCount: { label: 'Checks passed', format: 'count' },
    },
    summary: { field: 'passedCount', totalField: 'checkCount', noun: ['check passed', 'checks passed'] },
    warnings: {
      checksNotPassed: {
        field: 'passedCount',
        totalField: 'checkCount',
        text: ['check did not pass', 'checks did not pass'],
      },
    },
    isSchedulable: false,
  },
  'compression-trial': {
    title: 'Trial of codecs',
    phases: { sampling: 'reading pages', trying: 'trying codecs' },
    counters: {},
    outcome: {
      fieldId: { label: 'Column id', format: 'id' },
      fileCount: { label: 'Files', format: 'count' },
      pageCount: { label: 'Pages', format: 'count' },
      encodedBytes: { label: 'Encoded bytes', format: 'bytes' },
      storedBytes: { label: 'Stored bytes', format: 'bytes' },
    },
    summary: null,
    warnings: {},
    isSchedulable: false,
  },
  'index-catalog': {
    title: 'Search index of a catalog',
    phases: { reading: 'reading the catalog' },
    counters: { objectsIndexed: { noun: ['indexed', 'indexed'] } },
    outcome: {
      listed: { label: 'Tables and views listed', format: 'count' },
      read: { label: 'Tables and views read', format: 'count' },
      unreadable: { label: 'Namespaces not listed', format: 'count' },
      isTruncated: { label: 'Larger than a run reads', format: 'flag' },
    },
    summary: { field: 'listed', noun: ['table or view', 'tables and views'] },
    warnings: {
      namespacesUnreadable: { field: 'unreadable', text: ['namespace not listed', 'namespaces not listed'] },
      isTruncated: { field: 'isTruncated', text: 'the rest of the catalog is not indexed' },
    },
    isSchedulable: false,
  },
  'change-tables': {
    title: 'Change of many tables',
    phases: {
      previewing: 'reading tables',
      writing: 'changing tables',
      committing: 'committing proposals',
      undoing: 'undoing',
    },
    counters: {
      changed: { noun: ['changed', 'changed'] },
      proposed: { noun: ['proposed', 'proposed'] },
      unchanged: { noun: ['unchanged', 'unchanged'] },
      failed: { noun: ['failed', 'failed'] },
    },
    outcome: {
      tableCount: { label: 'Tables', format: 'count' },
      readyCount: { label: 'Can be changed', format: 'count' },
      changedCount: { label: 'Changed', format: 'count' },
      proposedCount: { label: 'Proposed', format: 'count' },
      unchangedCount: { label: 'Unchanged', format: 'count' },
      failedCount: { label: 'Failed', format: 'count' },
      unknownCount: { label: 'Outcome unknown', format: 'count' },
      leftCount: { label: 'Left as they were', format: 'count' },
      undoneCount: { label: 'Undone', format: 'count' },
      notUndoneCount: { label: 'Not undone', format: 'count' },
    },
    summary: { field: 'tableCount', noun: ['table', 'tables'] },
    warnings: {
      tablesFailed: { field: 'failedCount', text: ['table failed', 'tables failed'] },
      tablesUnknown: { field: 'unknownCount', text: ['table with unknown outcome', 'tables with unknown outcome'] },
      tablesNotUndone: { field: 'notUndoneCount', text: ['table not undone', 'tables not undone'] },
    },
    isSchedulable: false,
  },
  'index-lake': {
    title: 'Search index of all catalogs',
    phases: {},
    counters: {},
    outcome: { catalogs: { label: 'Catalogs queued', format: 'count' } },
    summary: { field: 'catalogs', noun: ['catalog queued', 'catalogs queued'] },
    warnings: {},
    isSchedulable: true,
  },
  'check-history': {
    title: 'Check of the history',
    phases: {},
    counters: {},
    outcome: {
      tables: { label: 'Tables', format: 'count' },
      compared: { label: 'Compared with their files', format: 'count' },
      different: { label: 'Different', format: 'count' },
    },
    summary: { field: 'tables', noun: ['table', 'tables'] },
    warnings: { tablesDiffer: { field: 'different', text: ['table differs', 'tables differ'] } },
    isSchedulable: true,
  },
  'tidy-runs': {
    title: 'Cleanup',
    phases: {},
    counters: {},
    outcome: {
      runs: { label: 'Runs removed', format: 'count' },
      sessions: { label: 'Sessions removed', format: 'count' },
      answers: { label: 'Responses removed', format: 'count' },
      uploads: { label: 'Expired uploads removed', format: 'count' },
    },
    summary: { field: 'runs', noun: ['run removed', 'runs removed'] },
    warnings: {},
    isSchedulable: true,
  },
  'tidy-warehouse': {
    title: 'Warehouse cleanup',
    phases: {},
    counters: {},
    outcome: {
      drafts: { label: 'Unfinished files removed', format: 'count' },
      folders: { label: 'Empty folders removed', format: 'count' },
    },
    summary: { field: 'drafts', noun: ['unfinished file removed', 'unfinished files removed'] },
    warnings: {},
    isSchedulable: true,
  },
} as const satisfies Readonly<Record<string, RunKindDescriptor>>

type RunKinds = typeof RUN_KINDS
export type RunKindName = keyof RunKinds

/** The kinds that schedules queue. */
export type SchedulableRunKind = {
  [Kind in RunKindName]: RunKinds[Kind]['isSchedulable'] extends true ? Kind : never
}[RunKindName]

type PhaseOf<Kind extends RunKindName> = Kind extends Kind ? keyof RunKinds[Kind]['phases'] & string : never
type CounterOf<Kind extends RunKindName> = Kind extends Kind ? keyof RunKinds[Kind]['counters'] & string : never

/** The progress that a run of the kind may report. */
export type ProgressOf<Kind extends RunKindName> = Omit<RunProgress, 'phase' | 'counters'> & {
  phase: PhaseOf<Kind> | null
  counters: Readonly<Partial<Record<CounterOf<Kind>, number>>>
}

/** Null for a kind of another version, whose runs may be in the database. */
export function findRunKind(kind: string): RunKindDescriptor | null {
  return isRunKind(kind) ? RUN_KINDS[kind] : null
}

function isRunKind(kind: string): kind is RunKindName {
  return Object.hasOwn(RUN_KINDS, kind)
}

/** The title of a kind. A kind of another version is returned as it is. */
export function runKindTitle(kind: string): string {
  return findRunKind(kind)?.title ?? kind
}

/** The warnings of the outcome of a run that succeeded, by name; those that count zero are omitted. */
export function runWarnings(
  kind: string,
  outcome: Readonly<Record<string, unknown>> | null,
): Readonly<Record<string, number>> {
  const numberOf = (field: string) => {
    const value = outcome?.[field]
    return typeof value === 'number' ? value : value === true ? 1 : 0
  }
  return Object.fromEntries(
    Object.entries(findRunKind(kind)?.warnings ?? {}).flatMap(([name, { field, totalField }]) => {
      const value = totalField === undefined ? numberOf(field) : numberOf(totalField) - numberOf(field)
      return value > 0 ? [[name, value] as const] : []
    }),
  )
}

/** The label of the phase in progress; `starting` before the first. */
export function phaseLabel(kind: string, progress: Pick<RunProgress, 'phase'> | null): string {
  const phase = progress?.phase ?? null
  return phase === null ? 'starting' : (findRunKind(kind)?.phases[phase] ?? phase)
}

/** From 0 to 1; null while the total is not known. */
export function doneShare(progress: Pick<RunProgress, 'done' | 'total'> | null): number | null {
  if (progress === null || progress.total === null || progress.total === 0) return null
  return Math.min(1, progress.done / progress.total)
}
