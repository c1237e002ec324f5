/** All permissions. A role is a set of these, granted on a resource. */
export const PERMISSIONS = [
  'catalog:read',
  'table:read',
  'table:propose',
  'table:write',
  'table:maintain',
  'access:manage',
  'console:admin',
  'audit:read',
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Permissions outside of catalogs: only a grant on everything gives them. */
const CONSOLE_PERMISSIONS: readonly Permission[] = ['console:admin', 'audit:read']

/** The resource that a permission is granted on or checked for. `{}` is everything; each field narrows it. */
export type Resource = {
  catalog?: string | undefined
  namespace?: readonly string[] | undefined
  table?: string | undefined
}
export type Grant = { permission: Permission; resource: Resource }

/** Each role has all permissions of the one before it. */
export const ROLES = ['viewer', 'editor', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** A role on a resource, as it is granted to a user or a group. */
export type RoleGrant = { role: Role; resource: Resource }

/**
 * The permissions of each role. `table:propose` leaves the commit to someone else. `table:write` covers data and settings that can be undone; `table:maintain` moves a
 * branch or removes something; `access:manage` gives and takes roles on what is inside the resource.
 */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  viewer: ['catalog:read', 'table:read', 'table:propose'],
  editor: ['catalog:read', 'table:read', 'table:propose', 'table:write', 'table:maintain'],
  admin: PERMISSIONS,
}

/** The roles with no more permissions than this one, itself included, lowest first. */
export function rolesUpTo(role: Role): readonly Role[] {
  return ROLES.slice(0, ROLES.indexOf(role) + 1)
}

/** The one of two roles with fewer permissions. */
export function lesserRole(one: Role, other: Role): Role {
  return rolesUpTo(one).includes(other) ? other : one
}

/** The role with most permissions; null for none. */
export function highestRole(roles: readonly (Role | null)[]): Role | null {
  return ROLES.findLast((role) => roles.includes(role)) ?? null
}

export function isEverything({ catalog, namespace, table }: Resource): boolean {
  return catalog === undefined && namespace === undefined && table === undefined
}

/** The permissions that a role includes on a resource. */
export function grantsOfRole(role: Role, resource: Resource = {}): Grant[] {
  return ROLE_PERMISSIONS[role]
    .filter((permission) => isEverything(resource) || !CONSOLE_PERMISSIONS.includes(permission))
    .map((permission) => ({ permission, resource }))
}

/** Whether a grant on `wide` covers `narrow`. A grant on a namespace covers what is in it, at any depth. */
export function covers(wide: Resource, narrow: Resource): boolean {
  return (
    (wide.catalog === undefined || wide.catalog === narrow.catalog) &&
    (wide.namespace ?? []).every((level, i) => narrow.namespace?.[i] === level) &&
    (wide.table === undefined ||
      (wide.table === narrow.table && (wide.namespace ?? []).length === (narrow.namespace ?? []).length))
  )
}

/** The part of a resource that both cover; null: they have nothing in common. */
export function intersectResources(one: Resource, other: Resource): Resource | null {
  if (covers(one, other)) return other
  return covers(other, one) ? one : null
}
