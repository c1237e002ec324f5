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
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readFileEntry } from '@/server/table/files/file-entry'
import { readFilePage } from '@/server/table/files/file-page'
import { readFileSummary } from '@/server/table/files/file-summary'
import { readManifestPage } from '@/server/table/files/manifest-page'
import { readObjectPage } from '@/server/table/objects/object-page'
import { compareMetadata, readMetadataFilePage } from '@/server/table/files/metadata-file-page'

export function fileEndpoints(services: Services) {
  return [
    serve(services, listFiles, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      const { offset = 0, manifest } = input
      return readFilePage(services, table, asOfFromInput(input), { offset, manifest, signal })
    }),
    serve(services, getFile, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return readFileEntry(services, table, asOfFromInput(input), { ...input, signal })
    }),
    serve(services, listManifests, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return readManifestPage(services, table, asOfFromInput(input), { offset: input.offset ?? 0, signal })
    }),
    serve(services, summarizeFiles, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return readFileSummary(services, table, asOfFromInput(input), { offset: input.offset ?? 0, signal })
    }),
    serve(services, listMetadataFiles, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return readMetadataFilePage(table, { offset: input.offset ?? 0, signal })
    }),
    serve(services, listObjects, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return readObjectPage(services, table, { folder: input.folder, pageToken: input.pageToken, signal })
    }),
    serve(services, compareMetadataFiles, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return compareMetadata(services, table, { ...input, signal })
    }),
  ]
}
