import 'server-only'
import { type RecordBatch, RecordBatchStreamWriter } from 'apache-arrow'
import { decodeError } from '@/lib/client/duckdb/decode'
import { createDecodeHandler } from '@/lib/client/duckdb/decode-requests'
import type { DecodeReply } from '@/lib/client/duckdb/decode-messages'
import type { Decoder } from '@/lib/client/duckdb/decoder'
import { planTable } from '@/lib/client/duckdb/plan-table'
import { createQuerySession } from '@/lib/client/duckdb/query-session'
import { readView } from '@/lib/client/duckdb/read-view'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { pageCodecs } from '@/server/ingest/input/page-codecs'
import { avroCodecs } from '@/server/table/avro-codecs'
import { toPostedError } from '@/server/table/rows/posted-error'
import type { FromQueryProcess, QueryJob, QueryLimits, ToQueryProcess } from './messages'
import { startNativeEngine } from './native-engine'
import { createParentFetch } from './parent-fetch'

const BYTES_PER_MIB = 1024 * 1024

/**
 * The process's side of a query: a query session as in a browser, with native DuckDB. It reads tables through the API,
 * and so with the permissions of the user.
 *
 * @param post sends to the server
 * @returns handles what the server sends
 */
export function createQueryProcess(post: (message: FromQueryProcess) => void): (message: ToQueryProcess) => void {
  const parent = createParentFetch(post)
  let continueSending = () => {}

  const send = (message: FromQueryProcess) =>
    new Promise<void>((resolve) => {
      continueSending = resolve
      post(message)
    })

  async function run({ request, limits, tempDir }: QueryJob): Promise<void> {
    let hasSent = false
    const session = createQuerySession({
      startEngine: () => startNativeEngine({ ...limits, tempDir }),
      decoder: createDecoder(),
      planTable,
      readView,
      maxBytes: limits.loadMiB * BYTES_PER_MIB,
      passOn: async (batch, rowCount) => {
        hasSent = true
        await send({ kind: 'rows', rowCount, arrow: toIpc(batch) })
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

/** Decodes in this process, which ends with the query. */
function createDecoder(): Decoder {
  const handle = createDecodeHandler({ ...pageCodecs, avro: avroCodecs })
  type Request = Parameters<typeof handle>[0]
  const reply = async <Kind extends DecodeReply['kind']>(request: Request, kind: Kind) => {
    const replied = await handle(request, () => undefined).catch((error: unknown) => {
      throw error instanceof AppError ? error : decodeError(request.file.name, error)
    })
    if (replied.kind !== kind) throw new Error(`the decoder returned ${replied.kind} instead of ${kind}`)
    return replied as Extract<DecodeReply, { kind: Kind }>
  }
  return {
    start: () => undefined,
    readFooter: async (file) => (await reply({ id: 0, kind: 'footer', file }, 'footer')).footer,
    countRows: (file) => reply({ id: 0, kind: 'counts', file }, 'counts'),
    decodeColumns: (file, selection) => reply({ id: 0, kind: 'columns', file, ...selection }, 'columns'),
  }
}

/** An Arrow IPC stream of one batch. */
export function toIpc(batch: RecordBatch): Uint8Array {
  const writer = new RecordBatchStreamWriter()
  writer.write(batch)
  writer.finish()
  return writer.toUint8Array(true)
}

/** The limits of a session are those of a browser; here they are the server's. */
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
