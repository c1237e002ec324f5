/** What can be permitted. A role is a set of these, granted on a resource. */
export const PERMISSIONS = ['catalog:read', 'table:read', 'table:write', 'table:maintain', 'console:admin'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** What a permission is granted on or asked for. `{}` is everything; each field narrows it. */
export type Resource = { catalog?: string; namespace?: readonly string[]; table?: string }
export type Grant = { permission: Permission; on: Resource }

/** Each may do all that the one before it may. */
export const ROLES = ['viewer', 'editor', 'admin'] as const
export type Role = (typeof ROLES)[number]

/**
 * What each role may do. `table:write` is data and settings that can be undone; `table:maintain` moves a branch
 * or removes something.
 */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  viewer: ['catalog:read', 'table:read'],
  editor: ['catalog:read', 'table:read', 'table:write', 'table:maintain'],
  admin: PERMISSIONS,
}

/** The roles that may do no more than this one, itself included, the least first. */
export function rolesUpTo(role: Role): readonly Role[] {
  return ROLES.slice(0, ROLES.indexOf(role) + 1)
}

/** The one of two roles that may do less. */
export function lesserRole(one: Role, other: Role): Role {
  return rolesUpTo(one).includes(other) ? other : one
}

/** The grants of a role that reaches everything. */
export function grantsOfRole(role: Role): Grant[] {
  return ROLE_PERMISSIONS[role].map((permission) => ({ permission, on: {} }))
}

/** Whether a grant on `wide` reaches `narrow`: every level that `wide` names is the same. */
export function covers(wide: Resource, narrow: Resource): boolean {
  return (
    (wide.catalog === undefined || wide.catalog === narrow.catalog) &&
    (wide.namespace ?? []).every((level, i) => narrow.namespace?.[i] === level) &&
    (wide.table === undefined || wide.table === narrow.table)
  )
}
