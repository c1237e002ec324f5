import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { listAccess } from '@/lib/contract/access'
import type { Permission, Resource } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/**
 * A page of a user's access to each direct child of `on`; `{}` is the top, with the catalogs.
 *
 * @param after the `next` of the page before; null: the first page
 */
export function effectiveAccessQuery(userId: string, on: Resource, after: string | null = null) {
  return queryOptions({
    queryKey: [...keys.access(), 'effective', userId, on, after],
    queryFn: (context) =>
      callEndpoint('getEffectiveAccess', { userId, ...on, ...(after !== null && { after }) }, toCallOptions(context)),
  })
}

/** A user who may see a resource. */
export type PersonAccess = z.output<typeof listAccess.output>['users'][number]

/** A dry run of the checks that the server makes when the user needs `permission` on the resource. */
export function permissionCheckQuery(userId: string, permission: Permission, resource: Resource) {
  return queryOptions({
    queryKey: [...keys.access(), 'check', userId, permission, resource],
    queryFn: (context) => callEndpoint('checkPermission', { userId, permission, ...resource }, toCallOptions(context)),
  })
}

/** Who may do what with a resource, and why. */
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
    getNextPageParam: ({ next }) => next,
  })
}
