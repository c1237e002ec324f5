import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { EffectiveAccess } from '@/lib/contract/access'
import type { Permission, Resource } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/**
 * What a user may do with each of what is directly in `on`; `{}` is the top, with the catalogs.
 *
 * @param pageCount how many pages of the level to read, one after the other
 */
export function effectiveAccessQuery(userId: string, on: Resource, pageCount: number) {
  return queryOptions({
    queryKey: [...keys.access(), 'effective', userId, on, pageCount],
    queryFn: async (context) => {
      const entries: EffectiveAccess[] = []
      let after: string | null = null
      for (let page = 0; page < pageCount; page++) {
        const output: { entries: EffectiveAccess[]; next: string | null } = await callEndpoint(
          'getEffectiveAccess',
          { userId, ...on, ...(after !== null && { after }) },
          toCallOptions(context),
        )
        entries.push(...output.entries)
        after = output.next
        if (after === null) break
      }
      return { entries, hasMore: after !== null }
    },
  })
}

/** A dry run of what the server checks when the user asks for `permission` on `on`. */
export function permissionCheckQuery(userId: string, permission: Permission, on: Resource) {
  return queryOptions({
    queryKey: [...keys.access(), 'check', userId, permission, on],
    queryFn: (context) => callEndpoint('checkPermission', { userId, permission, on }, toCallOptions(context)),
  })
}

/** Who may do what with a resource, and why, page after page. */
export function accessQuery(on: Resource) {
  return infiniteQueryOptions({
    queryKey: [...keys.access(), 'to', on],
    queryFn: (context) =>
      callEndpoint(
        'listAccess',
        { ...on, ...(context.pageParam !== null && { after: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
}
