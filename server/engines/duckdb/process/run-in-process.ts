import 'server-only'
import { toIpcStream } from '@/lib/query/load/decode'
import { createDecodeHandler } from '@/lib/query/load/decode-requests'
import { createLocalDecoder } from '@/lib/query/load/local-decoder'
import { lakeNames } from '@/lib/api/lake-names'
import { planHistoryTable } from '@/lib/api/plan-history-table'
import { planMetadataTable } from '@/lib/api/plan-metadata-table'
import { createRemoteSource } from '@/lib/api/remote-file'
import { findTableFile } from '@/lib/api/table-file'
import type { FindFile } from '@/lib/query/load/file-scan'
import { planTable } from '@/lib/api/plan-table'
import { planTableState } from '@/lib/api/plan-table-state'
import { createQuerySession } from '@/lib/query/session/query-session'
import { readView } from '@/lib/api/read-view'
import type { PlanTable } from '@/lib/query/load/table-scan'
import type { TableState } from '@/lib/query/table-state'
import type { ReadView } from '@/lib/query/session/view-definition'
import { AppError } from '@/lib/errors'
import { isSameTable } from '@/lib/names/identifiers'
import { formatBytes } from '@/lib/format/bytes'
import { BlockCache } from '@/lib/scan/read/avro/block-cache'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { toPostedError } from '@/server/processes/posted-error'
import type { DraftView } from '../../sql-engine'
import type { FromQueryProcess, QueryJob, QueryLimits, ToQueryProcess } from './messages'
import { startNativeEngine } from './native-engine'
import { createParentFetch } from './parent-fetch'

const BYTES_PER_MIB = 1024 * 1024

/**
 * The process's side of a query: a query session as in a browser, with native DuckDB. It reads tables through the API,
 * and so with the permissions of the user.
 *
 * @param post sends to the server
 * @returns the handler of the server's messages
 */
export function createQueryProcess(post: (message: FromQueryProcess) => void): (message: ToQueryProcess) => void {
  const parent = createParentFetch(post)
  let continueSending = () => {}

  const send = (message: FromQueryProcess) =>
    new Promise<void>((resolve) => {
      continueSending = resolve
      post(message)
    })

  async function run({
    request,
    draftView,
    tableStates = [],
    readsNoRows = false,
    savesResult = false,
    limits,
    tempDir,
  }: QueryJob): Promise<void> {
    let hasSent = false
    const session = createQuerySession({
      startEngine: () => startNativeEngine({ ...limits, tempDir }),
      decoder: createLocalDecoder(
        createDecodeHandler({ ...pageCodecs, avro: avroCodecs, avroBlocks: new BlockCache() }, createRemoteSource),
      ),
      planHistoryTable,
      planMetadataTable,
      lakeNames,
      ...(draftView ? withDraftView(draftView) : { planTable: withTableStates(tableStates), readView }),
      readsNoRows,
      savesRows: savesResult,
      findFile: findOnlyTableFile,
      maxBytes: limits.loadMiB * BYTES_PER_MIB,
      passOn: async (batch, rowCount) => {
        hasSent = true
        await send({ kind: 'rows', rowCount, arrow: toIpcStream(batch) })
      },
    })
    const { batches: _none, ...summary } = await session.run(request, {
      signal: new AbortController().signal,
      maxResultBytes: limits.resultBytes,
      onProgress: (progress) => {
        if (progress.step === 'loading' && hasSent) {
          hasSent = false
          post({ kind: 'restart' })
        }
        post({ kind: 'progress', progress })
      },
      // The user chose the server because the load is large; its limit applies.
      confirm: async () => true,
    })
    post({ kind: 'done', summary })
  }

  globalThis.fetch = parent.fetch
  return (message) => {
    if (parent.handle(message)) return
    if (message.kind === 'taken') return continueSending()
    if (message.kind !== 'start') return
    const { limits } = message.job
    run(message.job).catch((error: unknown) =>
      post({ kind: 'failed', error: toPostedError(toServerError(error, limits)) }),
    )
  }
}

/** Tables that a statement names without a version or a time have the state that is given for them, if one is. */
function withTableStates(states: readonly TableState[]): PlanTable {
  return async (table, asOf, options) => {
    const isCurrent = Object.keys(asOf).length === 0
    const state = isCurrent ? states.find(({ identifier }) => isSameTable(identifier, table)) : undefined
    return await (state === undefined ? planTable(table, asOf, options) : planTableState(state, options))
  }
}

/** The reads of a session in which the draft has its name. */
function withDraftView({ identifier, dialect, sql, ...defaults }: DraftView): {
  planTable: PlanTable
  readView: ReadView
} {
  const definition = { key: 'draft', fields: [], representations: [{ dialect, sql }], ...defaults }
  return {
    planTable: async (table, ...options) => {
      if (!isSameTable(table, identifier)) return planTable(table, ...options)
      throw new AppError('not-found', 'This is the view itself.')
    },
    readView: async (table, options) => (isSameTable(table, identifier) ? definition : readView(table, options)),
  }
}

const findOnlyTableFile: FindFile = async (file, options) => {
  if (file.kind === 'table') return await findTableFile(file, options)
  throw new AppError('not-supported', `${file.name} is open in the browser only, and is never sent to the server.`, {
    facts: { hint: 'Run the query in the browser.' },
  })
}

/** The browser's session has other limits; here they are the server's. */
function toServerError(error: unknown, { memoryMiB, tempMiB }: QueryLimits): unknown {
  if (!(error instanceof AppError) || error.code !== 'too-large') return error
  const { limitBytes } = error.facts
  if (typeof limitBytes === 'number')
    return new AppError(
      'too-large',
      `The columns of this query take more than ${formatBytes(limitBytes)} when decoded, which is the limit for queries ` +
        'on the server. Select fewer columns, or query a smaller table or version.',
      { cause: error, facts: error.facts },
    )
  if (error.facts['maxBytes'] !== undefined) return error
  return new AppError(
    'too-large',
    `The query needs more than the ${formatBytes(memoryMiB * BYTES_PER_MIB)} of memory and ` +
      `${formatBytes(tempMiB * BYTES_PER_MIB)} of disk that a query on the server may take. Select fewer columns or rows.`,
    { cause: error },
  )
}
