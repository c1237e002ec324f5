import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { AccessPlace, listAccess } from '@/lib/contract/access'
import type { Permission, Resource } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** What is directly in a resource, with what a user may do there. */
export type AccessLevelContents = {
  places: readonly AccessPlace[]
  /** Whether another page can be read. */
  hasMore: boolean
  /** Whether there are more than the server looked at. */
  isCut: boolean
  /** Why some are missing. */
  problem: string | null
}

/**
 * What a user may do with each of what is directly in `on`; `{}` is the top, with the catalogs.
 *
 * @param pageCount how many pages of the level to read, one after the other
 */
export function effectiveAccessQuery(userId: string, on: Resource, pageCount: number) {
  return queryOptions({
    queryKey: [...keys.access(), 'effective', userId, on, pageCount],
    queryFn: async (context): Promise<AccessLevelContents> => {
      const places: AccessPlace[] = []
      let page: string | undefined
      for (let pagesRead = 1; ; pagesRead++) {
        const input = { userId, ...on, ...(page !== undefined && { page }) }
        const read = await callEndpoint('getEffectiveAccess', input, toCallOptions(context))
        places.push(...read.places)
        if (read.next === null || pagesRead >= pageCount) {
          return { places, hasMore: read.next !== null, isCut: read.isCut, problem: read.problem }
        }
        page = read.next
      }
    },
  })
}

/** A user who may see a resource. */
export type PersonAccess = z.output<typeof listAccess.output>['people'][number]

/** A dry run of what the server checks when the user asks for `permission` on `on`. */
export function permissionCheckQuery(userId: string, permission: Permission, on: Resource) {
  return queryOptions({
    queryKey: [...keys.access(), 'check', userId, permission, on],
    queryFn: (context) => callEndpoint('checkPermission', { userId, permission, ...on }, toCallOptions(context)),
  })
}

/** Who may do what with a resource, and why. */
export function accessQuery(on: Resource) {
  return queryOptions({
    queryKey: [...keys.access(), 'to', on],
    queryFn: (context) => callEndpoint('listAccess', on, toCallOptions(context)),
  })
}
