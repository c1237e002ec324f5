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

/** The resource that a permission is granted on or checked for. `{}` is everything; each field narrows it. */
export type Resource = { catalog?: string; namespace?: readonly string[]; table?: string }
export type Grant = { permission: Permission; on: Resource }

/** Each role has all permissions of the one before it. */
export const ROLES = ['viewer', 'editor', 'admin'] as const
export type Role = (typeof ROLES)[number]

/**
 * The permissions of each role. `table:propose` leaves the commit to someone else. `table:write` covers data and settings that can be undone; `table:maintain` moves a
 * branch or removes something.
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

/** The grants of a role that applies to everything. */
export function grantsOfRole(role: Role): Grant[] {
  return ROLE_PERMISSIONS[role].map((permission) => ({ permission, on: {} }))
}

/** Whether a grant on `wide` covers `narrow`: every level that `wide` names is the same. */
export function covers(wide: Resource, narrow: Resource): boolean {
  return (
    (wide.catalog === undefined || wide.catalog === narrow.catalog) &&
    (wide.namespace ?? []).every((level, i) => narrow.namespace?.[i] === level) &&
    (wide.table === undefined || wide.table === narrow.table)
  )
}
