import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { getEffectiveAccess, listAccess } from '@/lib/contract/access'
import type { Permission, Resource } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** What is directly in a resource, with what a user may do there. */
export type AccessLevelContents = z.output<typeof getEffectiveAccess.output>

/** What a user may do with each of what is directly in `on`; `{}` is the top, with the catalogs. */
export function effectiveAccessQuery(userId: string, on: Resource) {
  return queryOptions({
    queryKey: [...keys.access(), 'effective', userId, on],
    queryFn: (context) => callEndpoint('getEffectiveAccess', { userId, ...on }, toCallOptions(context)),
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
