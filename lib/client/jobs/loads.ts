import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { AppError } from '@/lib/errors'
import type { Run } from '@/lib/contract/jobs'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import type { ProposedUploads } from '@/lib/contract/shapes/proposed-table-action'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { ChangedFiles } from '@/lib/ingest/file-repeats'
import type { LoadConfirmations } from '@/lib/contract/loads/load-confirmations'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import type { LoadMapping } from '@/lib/ingest/load-mapping'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { randomKey } from '../call/idempotency-key'
import { toCallOptions } from '../call/retry'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { useSingleMutation } from '../call/use-single-mutation'
import { keys } from '../keys'

/** How often, and after which pause, a preview is asked for again while the server reads as many as it may. */
const MAX_BUSY_RETRIES = 30
const BUSY_PAUSE_MS = 1_000

const RETRY_WHILE_BUSY = {
  retry: (failureCount: number, error: Error) =>
    failureCount < MAX_BUSY_RETRIES && error instanceof AppError && error.code === 'too-many-requests',
  retryDelay: BUSY_PAUSE_MS,
}

/** How the files of a load are read, and which columns they fill. */
export type LoadOptions = {
  format: InputFormat
  /** Null for other formats than CSV. */
  csv: CsvOptions | null
  mapping: LoadMapping
}

/** Does work while something else is held up. */
type HoldDuring = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Why a preview failed for which less was here than it reads at most: with the rest, it may not. */
export class UnreadablePart extends AppError {
  constructor(cause: AppError) {
    const { code, message, facts, requestId } = cause
    super(code, message, { cause, facts: { ...facts }, ...(requestId !== null && { requestId }) })
  }
}

/**
 * The beginning of a file as a load would read it. The earlier one stays visible while options change. It is read again
 * only on request, also when more of the file has come.
 *
 * @param request.hasBeginning false while more of an upload is to come that a preview would read
 * @param request.holdDuring holds uploads up during the request
 */
export function loadPreviewQuery(
  table: TableIdentifier,
  {
    input,
    hasBeginning,
    options,
    holdDuring,
  }: { input: RequestedInput; hasBeginning: boolean; options: LoadOptions; holdDuring: HoldDuring },
) {
  return queryOptions({
    queryKey: [...keys.table(table), 'load-preview', input, options],
    queryFn: async (context) => {
      try {
        const preview = await holdDuring(() =>
          callEndpoint('previewLoad', { ...table, input, ...toFields(options) }, toCallOptions(context)),
        )
        return { ...preview, hasBeginning }
      } catch (error) {
        throw !hasBeginning && error instanceof AppError ? new UnreadablePart(error) : error
      }
    },
    placeholderData: keepPreviousData,
    // Previews of earlier options may still be running on the server: the last one waits for them.
    ...RETRY_WHILE_BUSY,
  })
}

/** A sample from all over a file as a load would write it. */
export function loadSampleQuery(table: TableIdentifier, input: RequestedInput, options: LoadOptions) {
  return queryOptions({
    queryKey: [...keys.table(table), 'load-sample', input, options],
    queryFn: (context) => callEndpoint('sampleLoad', { ...table, input, ...toFields(options) }, toCallOptions(context)),
    ...RETRY_WHILE_BUSY,
  })
}

/** The inputs whose bytes were loaded before, or that are twice among them. */
export function repeatedInputsQuery(table: TableIdentifier, inputs: readonly RequestedInput[]) {
  return queryOptions({
    queryKey: [...keys.table(table), 'repeated-inputs', inputs],
    queryFn: (context) => callEndpoint('findRepeatedInputs', { ...table, inputs: [...inputs] }, toCallOptions(context)),
    ...RETRY_WHILE_BUSY,
  })
}

/** The beginning of the first file of an open proposal, as its run would read it. */
export function proposedPreviewQuery(table: TableIdentifier, proposalId: string, proposed: ProposedUploads) {
  const { uploads, format, csv, mapping, ignoreExtra } = proposed
  const uploadId = uploads[0]?.uploadId ?? ''
  return queryOptions({
    // Outside of the table, so that its change by this proposal does not read the preview again: its files are gone then.
    queryKey: keys.proposedLoad(proposalId),
    queryFn: (context) =>
      callEndpoint(
        'previewLoad',
        {
          ...table,
          input: { uploadId },
          proposalId,
          format,
          ignoreExtra,
          ...(csv && { csv }),
          ...(mapping && { mapping }),
        },
        toCallOptions(context),
      ),
    ...RETRY_WHILE_BUSY,
  })
}

/**
 * Queues the run. The same load, sent again after a failure, is queued once.
 *
 * @param openInputs has the server know the inputs, which it waits for
 * @param onStarted called also when the page was left meanwhile
 */
export function useStartLoad(
  table: TableIdentifier,
  { openInputs, onStarted }: { openInputs: () => Promise<RequestedInput[]>; onStarted: (started: StartedLoad) => void },
) {
  return useSingleMutation({
    onSuccess: onStarted,
    mutationFn: async ({
      options,
      ...load
    }: LoadConfirmations & {
      options: LoadOptions
      maxRejectedRows?: number
      maxRejectedShare?: number
      landing: LoadLanding
      /** The run whose rejected rows the files have. */
      correctsRun?: string
      /** Typed by the user where rows are replaced. */
      confirmedName?: string
      idempotencyKey: string
    }): Promise<StartedLoad> => {
      const inputs = await openInputs()
      const { run } = await callEndpoint('startLoad', { ...table, inputs, ...load, ...toFields(options) })
      return { run, inputs }
    },
  })
}

export type StartedLoad = { run: Pick<Run, 'id'>; inputs: readonly RequestedInput[] }

export type SavedLoadForm = LoadConfirmations & {
  inputs: RequestedInput[]
  options: LoadOptions
  maxRejectedRows?: number
  maxRejectedShare?: number
  landing: LoadLanding
  name: string
  /** Absent: a user starts each run. */
  times?: { cron: string; timeZone: string }
  newFilesOnly: boolean
  changedFiles: ChangedFiles
  /** Whether its first run starts at once. */
  runsNow: boolean
  confirmedName?: string
  idempotencyKey: string
}

/** Saves the load, and starts its first run. The same load, sent again after a failure, is saved once. */
export function useSaveLoad(table: TableIdentifier) {
  return useRefreshingMutation(
    async ({ options, times, runsNow, ...load }: SavedLoadForm) => {
      const start = times === undefined ? {} : ({ startsBy: 'times', ...times } as const)
      const { schedule } = await callEndpoint('saveLoad', { ...table, ...load, ...start, ...toFields(options) })
      if (!runsNow) return { schedule, run: null }
      const { run } = await callEndpoint('runSchedule', {
        schedule: schedule.id,
        idempotencyKey: `${load.idempotencyKey}-run`,
      })
      return { schedule, run }
    },
    [keys.jobs()],
  )
}

export const newLoadKey = randomKey

function toFields({ format, csv, mapping: { columns, ignoredFields } }: LoadOptions) {
  return {
    format,
    ...(csv && { csv }),
    mapping: { columns: { ...columns }, ignoredFields: [...ignoredFields] },
  }
}
