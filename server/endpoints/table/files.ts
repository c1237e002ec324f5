import 'server-only'
import {
  compareMetadataFiles,
  getFile,
  listFiles,
  listManifests,
  listMetadataFiles,
  listObjects,
  summarizeFiles,
} from '@/lib/contract/table/files'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { readFileEntry } from '@/server/table/files/file-entry'
import { readFilePage } from '@/server/table/files/file-page'
import { readFileSummary } from '@/server/table/files/file-summary'
import { readManifestPage } from '@/server/table/files/manifest-page'
import { readObjectPage } from '@/server/table/objects/object-page'
import { mayReadAs } from '@/server/table/hidden-names'
import { compareMetadata, readMetadataFilePage } from '@/server/table/files/metadata-file-page'

export function fileEndpoints(services: Services) {
  return [
    serveTable(services, listFiles, async (table, input, { signal }) => {
      const { offset = 0, manifest, filter, sort } = input
      return readFilePage(services, table, asOfFromInput(input), { offset, manifest, filter, sort, signal })
    }),
    serveTable(services, getFile, async (table, input, { signal }) =>
      readFileEntry(services, table, asOfFromInput(input), { ...input, signal }),
    ),
    serveTable(services, listManifests, async (table, input, { signal }) =>
      readManifestPage(services, table, asOfFromInput(input), { offset: input.offset ?? 0, signal }),
    ),
    serveTable(services, summarizeFiles, async (table, input, { signal }) =>
      readFileSummary(services, table, asOfFromInput(input), { offset: input.offset ?? 0, sort: input.sort, signal }),
    ),
    serveTable(services, listMetadataFiles, async (table, input, { signal }) =>
      readMetadataFilePage(table, { offset: input.offset ?? 0, signal }),
    ),
    serveTable(services, listObjects, async (table, { folder, search, pageToken }, { signal }) =>
      readObjectPage(services, table, { folder, search, pageToken, signal }),
    ),
    serveTable(services, compareMetadataFiles, async (table, input, { actor, signal }) =>
      compareMetadata(services, table, { ...input, mayRead: mayReadAs(actor), signal }),
    ),
  ]
}
