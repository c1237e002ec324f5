import * as z from 'zod'
import { endpoint } from '../endpoint'
import { filePattern, filePath, loadLocationName, MAX_LOADED_FILES } from '../shapes/load-options'
import { LOCATION_PAGE_ENTRIES } from '../shapes/plain-values'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, tableInput } from '../shapes/wire'

const MAX_CURSOR_CHARS = 4096

const LOCATIONS_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/load-locations'

const modifiedAtMs = instantMs.nullable()

const locationEntry = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('folder'), name: z.string() }),
    z.object({ kind: z.literal('file'), name: z.string(), sizeBytes: count, modifiedAtMs }),
  ])
  .register(contractSchemas, { id: 'LocationEntry' })
export type LocationEntry = z.output<typeof locationEntry>

export const listLoadLocations = endpoint({
  summary: 'Lists the locations and the hosts whose files can be loaded',
  description:
    'The operator names them in `LAKESHORE_LOAD_LOCATIONS`, `LAKESHORE_LOAD_HOSTS` and `LAKESHORE_LOAD_PRIVATE_HOSTS`, in this order.',
  method: 'GET',
  path: LOCATIONS_PATH,
  permission: 'table:write',
  input: tableInput,
  output: z.object({
    locations: z.array(z.object({ name: z.string() })),
    /** As the operator wrote them: `data.example.org`, `*.gov.example`. Without a protocol they stand for https. */
    hosts: z.array(z.string()),
  }),
})

export const listLocationFiles = endpoint({
  summary: 'Lists a folder of a location',
  description:
    'In the order of the names, at most 200 on a page. Files and folders whose names begin with `.` or `_` are left out, as are links.',
  method: 'GET',
  path: `${LOCATIONS_PATH}/:location/entries`,
  permission: 'table:write',
  input: tableInput.extend({
    location: loadLocationName,
    /** The path of the folder; without it the location itself. */
    folder: filePath.optional(),
    /** `nextCursor` of the page before. */
    cursor: z.string().min(1).max(MAX_CURSOR_CHARS).optional(),
  }),
  output: z.object({
    entries: z.array(locationEntry).max(LOCATION_PAGE_ENTRIES),
    nextCursor: z.string().nullable(),
  }),
})

export const findLocationFiles = endpoint({
  summary: 'Finds the files of a location that match a pattern',
  description:
    '`*` stands for any text within a folder, `**` also for folders, `**` and a slash for any folders or none, `?` for one character. Returns the first files in the order of their paths, and counts all.',
  method: 'GET',
  path: `${LOCATIONS_PATH}/:location/files`,
  permission: 'table:write',
  input: tableInput.extend({ location: loadLocationName, match: filePattern }),
  output: z.object({
    files: z.array(z.object({ path: z.string(), sizeBytes: count, modifiedAtMs })).max(MAX_LOADED_FILES),
    /** All that were found, also those that are not returned. */
    fileCount: count,
    sizeBytes: count,
    /** False if the search ended before all files and folders were looked at, because there are too many. */
    isComplete: z.boolean(),
  }),
})
export type FoundLocationFiles = z.output<typeof findLocationFiles.output>
