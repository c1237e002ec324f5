import 'server-only'
import { LOCATION_PAGE_ENTRIES } from '@/lib/contract/shapes/plain-values'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import {
  findLocationFiles,
  listLoadLocations,
  listLocationFiles,
  type LocationEntry,
} from '@/lib/contract/loads/load-locations'
import { sum } from '@/lib/sum'
import { serve } from '@/server/http/serve'
import { findFilesSoon } from '@/server/load-locations/find-files'
import { openLoadLocation } from '@/server/load-locations/open-location'
import type { Services } from '@/server/services'

export function loadLocationEndpoints(services: Services) {
  return [
    serve(services, listLoadLocations, async () => ({
      locations: services.config.loadLocations.map(({ name }) => ({ name })),
      hosts: [...new Set(services.config.loadHosts.map(({ text }) => text))],
    })),
    serve(services, listLocationFiles, async ({ location, folder = '', cursor = null }, { signal }) => {
      const files = await openLoadLocation(services, location)
      const page = await files.listFolder(folder, { limit: LOCATION_PAGE_ENTRIES, pageToken: cursor, signal })
      const entries: LocationEntry[] = [
        ...page.folders.map((name) => ({ kind: 'folder' as const, name })),
        ...page.files.map((file) => ({ kind: 'file' as const, ...file })),
      ]
      return { entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)), nextCursor: page.nextPageToken }
    }),
    serve(services, findLocationFiles, async ({ location, match }, { actor, signal }) => {
      const release = await services.fileSearches.acquireSoon(actor.userId, signal)
      try {
        const { files, isComplete } = await findFilesSoon(await openLoadLocation(services, location), match, signal)
        return {
          files: files.slice(0, MAX_LOADED_FILES),
          fileCount: files.length,
          sizeBytes: sum(files.map(({ sizeBytes }) => sizeBytes)),
          isComplete,
        }
      } finally {
        release()
      }
    }),
  ]
}
