import * as z from 'zod'
import { earlierProperty } from '@/lib/changes/intents/shapes'
import { MAX_PROPERTY_CHARS, MAX_PROPERTY_NAME_CHARS, MAX_SET_PROPERTIES } from '@/lib/iceberg/text-limits'
import { endpoint } from '../endpoint'
import { boundedRecord } from '../shapes/limits'
import { contractSchemas } from '../shapes/schemas'
import {
  catalogInput,
  confirmedName,
  entryName,
  idempotencyKey,
  listedNamespace,
  namespaceInput,
  namespaceOnWire,
} from '../shapes/wire'

/** Creating, changing and dropping namespaces. */

const propertyName = z.string().min(1).max(MAX_PROPERTY_NAME_CHARS)
const propertyText = z.string().max(MAX_PROPERTY_CHARS)

export const createNamespace = endpoint({
  summary: 'Creates a namespace',
  description: 'Levels above it need not exist.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces',
  permission: 'table:write',
  input: catalogInput.extend({
    namespace: namespaceOnWire,
    properties: boundedRecord(propertyName, propertyText, MAX_SET_PROPERTIES).optional(),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string() }),
})

export const changeNamespaceProperties = endpoint({
  summary: 'Sets and removes properties of a namespace in one change',
  description:
    'Each change names the value that the caller saw: when one differs from the current value, no property is changed. Masked values can be replaced and removed.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/properties',
  permission: 'table:write',
  input: namespaceInput.extend({
    changes: z
      .array(z.object({ name: propertyName, base: earlierProperty, value: propertyText.nullable() }))
      .min(1)
      .max(MAX_SET_PROPERTIES),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string() }),
})

/** A namespace with more tables, more views, or more namespaces at any depth has to be emptied first. */
export const MAX_DROPPED_WITH_NAMESPACE = 100

/** A review of a drop names so many uses of its tables and views, and how many more there are. */
export const MAX_NAMESPACE_READERS = 50

const listedNames = z.array(z.string().min(1)).max(MAX_DROPPED_WITH_NAMESPACE)
const entryNames = z.array(entryName).max(MAX_DROPPED_WITH_NAMESPACE)

/** A namespace and the names of its direct children. */
const namespaceContents = z
  .object({ namespace: listedNamespace, tables: listedNames, views: listedNames })
  .register(contractSchemas, { id: 'NamespaceContents' })

/** As the review showed it. */
export const droppedContents = z
  .object({ namespace: namespaceOnWire, tables: entryNames, views: entryNames })
  .register(contractSchemas, { id: 'DroppedNamespaceContents' })

export const reviewNamespaceDrop = endpoint({
  summary: 'Shows what is dropped with a namespace, and the reasons that prevent the drop',
  description: 'Changes nothing.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/drop',
  permission: 'table:read',
  input: namespaceInput,
  output: z
    .object({
      /** The namespace, then those in it at any depth, each before those in it. */
      contents: z.array(namespaceContents).max(MAX_DROPPED_WITH_NAMESPACE + 1),
      /** More is in it than a drop takes along, so `contents` is not all. */
      isTruncated: z.boolean(),
      /** Reasons that prevent a drop, in sentences; empty if none are known. */
      problems: z.array(z.string()),
      /** Why one user cannot drop it alone, in sentences; empty if no policy demands two people. It can be proposed. */
      policyBlockers: z.array(z.string()),
      /**
       * Known uses of its tables and views from outside, in sentences; then, how far they are known. Empty while something
       * prevents the drop.
       */
      readers: z.array(z.string()),
    })
    .register(contractSchemas, { id: 'NamespaceDropReview' }),
})
export type NamespaceDropReview = z.output<typeof reviewNamespaceDrop.output>

export const dropNamespace = endpoint({
  summary: 'Drops a namespace that is empty, or with the named tables, views and namespaces',
  description:
    'Drops views, then tables without their files, each in a commit of its own, and then namespaces from the innermost outwards. Fails without a drop when the namespace contains other tables, views or namespaces, or one of them is protected. Where changes of its tables and views need two people, it is dropped by a proposal. When a later drop fails, the problem names the dropped ones.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/drop',
  permission: 'table:maintain',
  input: namespaceInput.extend({
    /** The namespace as in the header, typed by the user. */
    confirmedName,
    /** All tables in it, which are dropped with it; absent: it is empty. */
    tables: entryNames.optional(),
    /** As `tables`, for views. */
    views: entryNames.optional(),
    /** All namespaces in it, at any depth, which are dropped with it; absent: it contains none. */
    namespaces: z.array(droppedContents).max(MAX_DROPPED_WITH_NAMESPACE).optional(),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string() }),
})
