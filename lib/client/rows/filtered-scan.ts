import { callEndpoint } from '@/lib/api/call-endpoint'
import { toListedFiles } from '@/lib/api/listed-files'
import { addDefaults } from '@/lib/api/planned-defaults'
import type { PlannedDeleteFile, PlannedFile, SignedScanPlan, SkippedByFilter } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ListedFilesPage } from './row-messages'
import type { OpenScan, RowWorker } from './row-worker'

/** The plan of a scan with a filter. */
export type FilteredPlan = SignedScanPlan & { filtered: NonNullable<SignedScanPlan['filtered']> }

/** @throws {AppError} internal when the server planned a scan without the filter, which would show other rows */
export function requireFilteredPlan(plan: SignedScanPlan): FilteredPlan {
  const { filtered } = plan
  if (filtered) return { ...plan, filtered }
  throw new AppError('internal', 'The server planned the scan without its filter.')
}

/** Requests files of a scan with a filter. */
export type ListFilteredFiles = (page: { token: string; fromFile: number; limit: number }) => Promise<{
  files: readonly PlannedFile[]
  deleteFiles: readonly PlannedDeleteFile[]
  nextFile: number | null
  skipped?: SkippedByFilter | undefined
}>

const PAGE_FILES = 200

type FilteredScanOptions = {
  where: string
  fields: readonly NestedField[]
  listFiles: ListFilteredFiles | undefined
  /** Receives the files that the server skipped among those listed so far. */
  onSkipped: (skipped: SkippedByFilter) => void
}

/** A scan with a filter, which the worker opens when it is first needed, and whose files are listed a page at a time. */
export class FilteredScan {
  readonly #worker: RowWorker
  readonly #where: string
  readonly #fields: readonly NestedField[]
  readonly #listFiles: ListFilteredFiles
  readonly #onSkipped: (skipped: SkippedByFilter) => void
  #plan: FilteredPlan
  #skipped: SkippedByFilter
  #opened: OpenScan | null = null

  constructor(worker: RowWorker, plan: FilteredPlan, { where, fields, listFiles, onSkipped }: FilteredScanOptions) {
    this.#worker = worker
    this.#plan = plan
    this.#where = where
    this.#fields = fields
    this.#listFiles = listFiles ?? ((page) => callEndpoint('listPlannedFiles', page))
    this.#onSkipped = onSkipped
    this.#skipped = plan.filtered.skipped
  }

  open(): OpenScan {
    const { token, nameMapping, filtered } = this.#plan
    const files = { files: toListedFiles(this.#plan, this.#plan), nextFile: filtered.nextFile }
    this.#opened ??= this.#worker.open(
      { token, fields: addDefaults(this.#fields, this.#plan), nameMapping, filter: { where: this.#where, files } },
      (fromFile) => this.#list(fromFile),
    )
    return this.#opened
  }

  /** Goes on with another plan of the same snapshot and filter. Returns whether it has another token. */
  renew(plan: SignedScanPlan): boolean {
    if (plan.token === this.#plan.token) return false
    this.#plan = requireFilteredPlan(plan)
    this.#opened?.renew(plan.token)
    return true
  }

  /** Lets the worker release it. The next use opens it again. */
  close(): void {
    this.#opened?.close()
    this.#opened = null
  }

  async #list(fromFile: number): Promise<ListedFilesPage> {
    const { token, filtered } = this.#plan
    const page = await this.#listFiles({ token, fromFile, limit: PAGE_FILES })
    // A worker that had to be restarted lists the files from the start.
    const isFirst = fromFile === filtered.nextFile
    const before = isFirst ? filtered.skipped : this.#skipped
    this.#skipped = page.skipped ? addSkipped(before, page.skipped) : before
    this.#onSkipped(this.#skipped)
    return { files: toListedFiles(page, this.#plan), nextFile: page.nextFile }
  }
}

function addSkipped(a: SkippedByFilter, b: SkippedByFilter): SkippedByFilter {
  const add = (reason: keyof SkippedByFilter['files']) => ({
    files: a.files[reason].files + b.files[reason].files,
    rows: a.files[reason].rows + b.files[reason].rows,
  })
  return {
    manifests: a.manifests + b.manifests,
    files: { partition: add('partition'), 'null-counts': add('null-counts'), bounds: add('bounds') },
  }
}
