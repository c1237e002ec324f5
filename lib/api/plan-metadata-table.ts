import { METADATA_ROWS_PATH, asOfToInput } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import type { UnreadableBounds } from '@/lib/iceberg/metadata/unreadable-bounds'
import { fromBase64 } from '@/lib/iceberg/schema/byte-text'
import { callEndpoint } from './call-endpoint'
import { fetchOrThrow } from './fetch-or-throw'
import { lineError, parseJsonLine, unreadableLineError } from './json-line'
import { readLines } from './read-lines'
import { responseError } from './response-error'
import type { MetadataBatch } from '@/lib/query/load/metadata-rows'
import { knownFiles } from '@/lib/query/load/table-files'
import type { PlanMetadataTable } from '@/lib/query/load/table-scan'

const SUBJECT = 'The rows of a metadata table from the server'

/** Describes a metadata table; its rows are computed by the server when they are read. */
export const planMetadataTable: PlanMetadataTable = async (identifier, name, asOf, options) => {
  const described = await callEndpoint('getMetadataTable', { ...identifier, name, ...asOfToInput(asOf) }, options)
  const { metadataLocation, snapshotId, committedAtMs, fields, estimatedRowCount } = described
  const { catalog, namespace, table } = identifier
  return {
    key: [catalog, joinNamespace(namespace), table, name, metadataLocation, snapshotId].join('\n'),
    snapshotId,
    committedAtMs,
    fields,
    files: knownFiles([]),
    fileCount: 0,
    rowCount: estimatedRowCount,
    deleteFileCount: 0,
    deleteBytes: 0,
    fileBytes: null,
    metadataRows: {
      read: (names, signal) =>
        readRows(metadataRowsUrl(identifier, name, { metadataLocation, snapshotId }, names), signal),
    },
  }
}

function metadataRowsUrl(
  { catalog, namespace, table }: TableIdentifier,
  name: MetadataTableName,
  { metadataLocation, snapshotId }: { metadataLocation: string; snapshotId: string | null },
  columns: readonly string[],
): string {
  const params = { catalog, namespace: joinNamespace(namespace), table, name }
  const path = METADATA_ROWS_PATH.replace(/:(\w+)/g, (_, key: keyof typeof params) => encodeURIComponent(params[key]))
  const query = new URLSearchParams({ metadata: metadataLocation, columns: columns.join(',') })
  if (snapshotId !== null) query.set('snapshot', snapshotId)
  return `${path}?${query}`
}

async function* readRows(url: string, signal: AbortSignal): AsyncGenerator<MetadataBatch, void> {
  const response = await fetchOrThrow(url, { signal })
  if (!response.ok || !response.body) throw responseError(response, await response.json().catch(() => undefined))
  yield* parseRows(response.body, signal)
}

/**
 * The rows in the lines of a response.
 *
 * @returns where the next page begins; null if there is none
 * @throws {AppError} the one that a line describes; server-unreachable when the response ends before its last line;
 *   internal for a line of another format; cancelled
 */
export async function* parseRows(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<MetadataBatch, string | null> {
  let rowCount = 0
  for await (const line of readLines(body, signal)) {
    const { problem, arrow, isEnd, rowCount: count, unreadableBounds, next } = parseJsonLine(line, SUBJECT) as Line
    if (problem !== undefined) throw lineError(problem, SUBJECT)
    if (typeof count !== 'number') throw unreadableLineError(SUBJECT)
    if (isEnd === true) {
      if (count === rowCount) return typeof next === 'string' ? next : null
      throw new AppError('internal', `The server sent ${rowCount} rows of a metadata table instead of ${count}.`)
    }
    rowCount += count
    yield {
      rowCount: count,
      arrow: typeof arrow === 'string' ? fromBase64(arrow) : null,
      ...(unreadableBounds && { unreadableBounds }),
    }
  }
  throw new AppError('server-unreachable', 'The connection to the server ended before all rows had arrived.')
}

type Line = {
  problem?: unknown
  arrow?: unknown
  isEnd?: unknown
  rowCount?: unknown
  next?: unknown
  unreadableBounds?: UnreadableBounds
}
