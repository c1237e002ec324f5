import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, OversizedParquet, withFileName } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { AsyncCache } from '@/lib/scan/async-cache'
import { DamagedDeletionVector } from '@/lib/scan/deletes/deletion-vector'
import { testBloomFilters } from '@/lib/scan/inspect/bloom-test'
import { listDeletePositions } from '@/lib/scan/inspect/delete-positions'
import { readFileRows } from '@/lib/scan/inspect/file-rows'
import { listPages } from '@/lib/scan/inspect/list-pages'
import { positionRanges } from '@/lib/scan/inspect/position-ranges'
import { readPuffinFooter } from '@/lib/scan/inspect/puffin'
import { openDataFile } from '@/lib/scan/read/data-file'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { createRemoteSource } from '@/lib/api/remote-file'
import { serializeError } from '../rows/serialized-error'
import type {
  InspectedSource,
  InspectionKind,
  InspectionReply,
  InspectionRequest,
  Inspections,
  InspectionTask,
  StoredRows,
} from './inspection-messages'

/** Chunks in one message: receiving it takes the page a few milliseconds. */
const CHUNKS_PER_MESSAGE = 1_000
/** More cannot be drawn or searched by a person, and would take the page's memory. */
const MAX_SHOWN_CHUNKS = 200_000
/** A vector of a billion positions takes less. */
const MAX_VECTOR_BYTES = 128 * 1024 * 1024
/** Opened files whose footers are in memory, counted in chunks. */
const MAX_CACHED_CHUNKS = 400_000

const TAIL_BYTES = 64 * 1024

type OpenParquet = { source: ByteSource; footer: ParquetFooter }

/** The worker's side of the file inspector: reads and parses files, apart from the page. */
export function createInspectionServer(
  reply: (message: InspectionReply) => void,
  {
    codecs,
    open = openRemote,
    maxShownChunks = MAX_SHOWN_CHUNKS,
  }: { codecs: DataFileCodecs; open?: (file: InspectedSource) => ByteSource; maxShownChunks?: number },
): (request: InspectionRequest) => void {
  const running = new Map<number, AbortController>()
  const footers = new AsyncCache<OpenParquet>(MAX_CACHED_CHUNKS, ({ footer }) => countChunks(footer))

  const openParquet = (file: InspectedSource, signal?: AbortSignal): Promise<OpenParquet> =>
    footers.get(file.url, async () => {
      const source = open(file)
      return { source, footer: await readFooter(source, signal ? { signal } : {}) }
    })

  const openRows = (
    { file, format, recordCount }: { file: InspectedSource } & StoredRows,
    { signal, hasOwnColumns }: { signal: AbortSignal; hasOwnColumns: boolean },
  ) =>
    openDataFile(
      open(file),
      { fileFormat: format, recordCount, constants: new Map(), nameMapping: null, hasOwnColumns },
      { codecs, tally: { bytesRead: 0, requests: 0 }, tailBytes: TAIL_BYTES, signal },
    )

  const inspect = async (
    id: number,
    task: InspectionTask,
    signal: AbortSignal,
  ): Promise<Inspections[InspectionKind]['result']> => {
    const { file } = task
    switch (task.kind) {
      case 'footer': {
        const { source, footer } = await openParquet(file)
        requireShowable(file, footer, maxShownChunks)
        const { rowGroups, ...rest } = footer
        const chunks = rowGroups.flatMap(({ columns }) => columns)
        for (let at = 0; at < chunks.length; at += CHUNKS_PER_MESSAGE)
          reply({ kind: 'chunks', id, chunks: chunks.slice(at, at + CHUNKS_PER_MESSAGE) })
        const groups = rowGroups.map(({ rowCount, firstRow }) => ({ rowCount, firstRow }))
        return { footer: { ...rest, rowGroups: groups }, byteLength: source.byteLength }
      }
      case 'pages': {
        const { source, footer } = await openParquet(file)
        const { position, readsWhole } = task
        return await withFileName(file.name, () => {
          const group = footer.rowGroups[position.group]
          const chunk = group?.columns[position.leaf]
          if (!group || !chunk) throw new DamagedParquet('the file has no such column chunk')
          return listPages(source, group, chunk, {
            signal,
            ...(readsWhole && { maxReadBytes: Number.POSITIVE_INFINITY }),
          })
        })
      }
      case 'bloom': {
        const { source, footer } = await openParquet(file)
        return await testBloomFilters(source, footer, task.leaf, task.text, signal)
      }
      case 'puffin': {
        const source = open(file)
        // Corrects the length of the source.
        await source.readEnd?.(1, signal)
        return await readPuffinFooter(source, { signal })
      }
      case 'positions':
        return await withFileName(file.name, async () =>
          listDeletePositions(await openRows(task, { signal, hasOwnColumns: false }), { signal }),
        )
      case 'rows':
        return await withFileName(file.name, async () =>
          readFileRows(await openRows(task, { signal, hasOwnColumns: true }), file.name, task, signal),
        )
      case 'vector':
        return await withFileName(file.name, () => readVector(open(file), task, signal))
    }
  }

  const answer = async (id: number, task: InspectionTask): Promise<void> => {
    const controller = new AbortController()
    running.set(id, controller)
    try {
      reply({ kind: 'done', id, result: await inspect(id, task, controller.signal) })
    } catch (error) {
      reply({ kind: 'failed', id, error: serializeError(error) })
    } finally {
      running.delete(id)
    }
  }

  return (request) => {
    switch (request.kind) {
      case 'inspect':
        void answer(request.id, request.task)
        break
      case 'cancel':
        running.get(request.id)?.abort()
        break
      case 'ping':
        reply({ kind: 'pong' })
        break
    }
  }
}

function countChunks({ rowGroups, leaves }: ParquetFooter): number {
  return rowGroups.length * leaves.length
}

function requireShowable({ name }: InspectedSource, footer: ParquetFooter, maxChunks: number): void {
  if (countChunks(footer) <= maxChunks) return
  const { rowGroups, leaves } = footer
  throw new AppError(
    'too-large',
    `${name} has ${rowGroups.length} row groups of ${leaves.length} columns. The inspector shows at most ${maxChunks} column chunks.`,
    { facts: { file: name } },
  )
}

async function readVector(
  source: ByteSource,
  { offset, lengthBytes }: { offset: number; lengthBytes: number },
  signal: AbortSignal,
) {
  if (lengthBytes > MAX_VECTOR_BYTES)
    throw new OversizedParquet(`a deletion vector has ${lengthBytes} bytes, more than ${MAX_VECTOR_BYTES}`)
  const blob = await source.read(offset, offset + lengthBytes, signal)
  try {
    return positionRanges(blob)
  } catch (error) {
    if (error instanceof DamagedDeletionVector)
      throw new DamagedParquet(`the deletion vector is damaged: ${error.message}`)
    throw error
  }
}

function openRemote({ url, name }: InspectedSource): ByteSource {
  return createRemoteSource({ url, name, byteLength: 0 })
}
