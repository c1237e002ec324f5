import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { PartitionSort } from '@/lib/contract/table/file-sorts'
import type { summarizeFiles } from '@/lib/contract/table/files'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { isWithinKey, keys } from '../keys'
import { toCallOptions } from '../call/retry'

/** The manifests of the shown snapshot, page after page. */
export function manifestsQuery(identifier: TableIdentifier, asOf: AsOf) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'manifests', asOfToInput(asOf)],
    queryFn: (context) =>
      callEndpoint(
        'listManifests',
        { ...identifier, ...asOfToInput(asOf), offset: context.pageParam },
        toCallOptions(context),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** The metadata files of a table, newest first, page after page. They change with every commit. */
export function metadataFilesQuery(identifier: TableIdentifier) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'metadata-files'],
    queryFn: (context) =>
      callEndpoint('listMetadataFiles', { ...identifier, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
  })
}

const REFERENCE_POLL_MS = 500

/**
 * The content of a folder of a table, page after page. Requested again until the references of all snapshots are read.
 *
 * @param folder a location; null for the table's own
 * @param search lists only entries whose names contain it
 */
export function objectsQuery(identifier: TableIdentifier, folder: string | null, search = '') {
  const folderKey = [...keys.table(identifier), 'objects', folder]
  return infiniteQueryOptions({
    queryKey: [...folderKey, search],
    queryFn: (context) =>
      callEndpoint(
        'listObjects',
        {
          ...identifier,
          ...(folder !== null && { folder }),
          ...(search !== '' && { search }),
          ...(context.pageParam !== null && { pageToken: context.pageParam }),
        },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, folderKey) ? previous : undefined),
    refetchInterval: ({ state }) => {
      const references = state.data?.pages.at(-1)?.references
      return references && !references.isComplete && references.problem === null ? REFERENCE_POLL_MS : false
    },
  })
}

/** The differences between the metadata in two files. */
export function metadataComparisonQuery(identifier: TableIdentifier, { from, to }: { from: string; to: string }) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'metadata-comparison', from, to],
    queryFn: (context) => callEndpoint('compareMetadataFiles', { ...identifier, from, to }, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** The sums take the manifests of all files. With more files they are read only when the user asks for them. */
const MAX_CHEAP_FILES = 10_000

/** @param dataFileCount null if the snapshot does not say */
export function isSummaryCheap(dataFileCount: number | null): dataFileCount is number {
  return dataFileCount !== null && dataFileCount <= MAX_CHEAP_FILES
}

export type FileSummaryPage = z.output<typeof summarizeFiles.output>

/**
 * The live files of the shown snapshot by size and by partition, page after page. While the sort changes, the previous
 * partitions of the snapshot stay.
 *
 * @param sort null: largest partitions first
 */
export function fileSummaryQuery(identifier: TableIdentifier, asOf: AsOf, sort: PartitionSort | null) {
  const summaryKey = [...keys.table(identifier), 'file-summary', asOfToInput(asOf)]
  return infiniteQueryOptions({
    queryKey: [...summaryKey, sort],
    queryFn: (context) =>
      callEndpoint(
        'summarizeFiles',
        { ...identifier, ...asOfToInput(asOf), offset: context.pageParam, ...(sort !== null && { sort }) },
        toCallOptions(context),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, summaryKey) ? previous : undefined),
  })
}
