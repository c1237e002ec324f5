import * as z from 'zod'
import { ROLES } from '@/lib/permissions'
import { contractSchemas } from '../shapes/schemas'
import { entryName, instantMs, listedNamespace, namespaceOnWire } from '../shapes/wire'

/** Shapes that the endpoints of users, groups, grants and requests share. */

export const id = z.string().regex(/^[\w-]{1,64}$/, 'an id')
export const role = z.enum(ROLES)

/** The fields of a resource as input fields: none is everything. */
export const resourceFields = {
  catalog: entryName.optional(),
  namespace: namespaceOnWire.optional(),
  table: entryName.optional(),
}

/** Input with the fields of a resource, each of which needs the one before it. */
export function withResource<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ ...shape, ...resourceFields }).refine(isResource, {
    message: 'A namespace needs its catalog, and a table its namespace.',
  })
}

function isResource(fields: object): boolean {
  const { catalog, namespace, table } = fields as { catalog?: unknown; namespace?: unknown; table?: unknown }
  return (namespace === undefined || catalog !== undefined) && (table === undefined || namespace !== undefined)
}

/** A resource: `{}` is everything, and each field narrows it. A table may be a view. */
export const resource = z
  .object({
    catalog: z.string().min(1).optional(),
    namespace: listedNamespace.optional(),
    table: z.string().min(1).optional(),
  })
  .register(contractSchemas, { id: 'Resource' })

/** Who has a grant. The id of `everyone` is the word itself. */
export const holder = z
  .object({ kind: z.enum(['user', 'group', 'everyone']), id: z.string(), name: z.string() })
  .register(contractSchemas, { id: 'GrantHolder' })
export type GrantHolder = z.output<typeof holder>

export const grant = z
  .object({
    /** Null: the role that the user has on everything, which is changed with the user. */
    grantId: z.string().nullable(),
    holder,
    role,
    resource,
    createdAtMs: instantMs.nullable(),
    createdBy: z.string().nullable(),
    /** False: the catalog, namespace or table was not found when this was requested. Null: the server did not look for it. */
    exists: z.boolean().nullable(),
  })
  .register(contractSchemas, { id: 'AccessGrant' })
export type AccessGrant = z.output<typeof grant>

/** Endpoints whose permission is one on everything, although their input may name a resource. */
export const EVERYTHING = () => [{}]
