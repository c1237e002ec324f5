import * as z from 'zod'
import { endpoint } from './endpoint'
import { MAX_VISITS, RECORD_VISIT_PATH } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { entryName, listedNamespace, namespaceOnWire } from './shapes/wire'

const queryId = z.string().regex(/^\w{1,64}$/, 'an id of 1 to 64 letters, digits and _')

const favouriteTarget = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.enum(['table', 'view']), catalog: entryName, namespace: namespaceOnWire, name: entryName }),
    z.object({ kind: z.literal('namespace'), catalog: entryName, namespace: namespaceOnWire }),
    z.object({ kind: z.literal('query'), queryId }),
  ])
  .register(contractSchemas, { id: 'FavouriteTarget' })
export type FavouriteTarget = z.output<typeof favouriteTarget>

const visitedEntry = z
  .object({ kind: z.enum(['table', 'view']), catalog: z.string(), namespace: listedNamespace, name: z.string() })
  .register(contractSchemas, { id: 'VisitedEntry' })
export type VisitedEntry = z.output<typeof visitedEntry>

const favourite = z
  .discriminatedUnion('kind', [
    visitedEntry.extend({
      /** Whether it was dropped, and can be restored. */
      isDropped: z.boolean(),
    }),
    z.object({ kind: z.literal('namespace'), catalog: z.string(), namespace: listedNamespace }),
    z.object({ kind: z.literal('query'), queryId: z.string(), name: z.string() }),
  ])
  .register(contractSchemas, { id: 'Favourite' })
export type Favourite = z.output<typeof favourite>

export const listShortcuts = endpoint({
  summary: 'Lists the favourites of the caller, and the tables and views that they visited last',
  description:
    'The newest first, each table and view under its current name, without those that the caller may no longer read.',
  method: 'GET',
  path: '/api/v1/shortcuts',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ favourites: z.array(favourite).max(200), visits: z.array(visitedEntry).max(MAX_VISITS) }),
})
export type Shortcuts = z.output<typeof listShortcuts.output>

export const setFavourite = endpoint({
  summary: 'Adds something to the favourites of the caller, or removes it',
  description: 'A user has at most 200 favourites. A favourite table or view is followed when it is renamed or moved.',
  method: 'PUT',
  path: '/api/v1/shortcuts/favourites',
  permission: 'signed-in',
  input: z.object({ target: favouriteTarget, isFavourite: z.boolean() }),
  output: z.object({}),
})

export const recordVisit = endpoint({
  summary: 'Records that the caller looks at a table or a view',
  description: `The last ${MAX_VISITS} of a user are stored.`,
  method: 'POST',
  path: RECORD_VISIT_PATH,
  permission: 'signed-in',
  input: z.object({
    kind: z.enum(['table', 'view']),
    catalog: entryName,
    namespace: namespaceOnWire,
    name: entryName,
    /** UUID of the table or the view. */
    uuid: z.string().min(1).max(100),
  }),
  output: z.object({}),
})
