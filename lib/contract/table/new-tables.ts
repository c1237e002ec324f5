import * as z from 'zod'
import { endpoint } from '../endpoint'
import { schemaOnWire } from '../shapes/iceberg-shapes'
import { inlineProblem } from '../shapes/inline-problem'
import { contractSchemas } from '../shapes/schemas'
import { count, entryName, idempotencyKey, instantMs, location, longId, namespaceInput } from '../shapes/wire'
import { engineScripts } from '../shapes/engine-scripts'
import { commitRequest } from '../shapes/commit-request'
import { writeOutcome } from '../shapes/write-outcome'

/** Creating tables, and registering them from metadata files. */

const newTableInput = namespaceInput.extend({
  /** The name of the new table. */
  table: entryName,
  /**
   * The declaration of the table: JSON text with the members of `npm run lakeshore -- table export`. It is text because numbers in
   * defaults have to stay exact.
   */
  declaration: z.string().min(2).max(900_000),
  /** Where its files are to be; absent: the catalog chooses. */
  location: location.optional(),
})

/** A reason that prevents the creation, and the part of the form that it belongs to. */
export const newTableBlocker = z
  .object({ part: z.enum(['namespace', 'name', 'location', 'table']), message: z.string() })
  .register(contractSchemas, { id: 'NewTableBlocker' })
export type NewTableBlocker = z.output<typeof newTableBlocker>

export const reviewNewTable = endpoint({
  summary: 'Shows how a table would be created, or why it cannot be created',
  description: 'Creates nothing.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/new-tables/:table/review',
  permission: 'table:write',
  input: newTableInput,
  output: z
    .object({
      /** Null when the declaration is not that of a table. */
      request: commitRequest.nullable(),
      scripts: engineScripts.nullable(),
      blockers: z.array(newTableBlocker),
      /** Warnings that prevent nothing, such as a name that differs from another one only in case. */
      warnings: z.array(z.string()),
      /** Where the files will be; null if only the catalog knows. */
      location: z.string().nullable(),
      /** Properties that the catalog sets although the declaration does not; null if only the catalog knows. */
      addedProperties: z.record(z.string(), z.string()).nullable(),
    })
    .register(contractSchemas, { id: 'NewTableReview' }),
})
export type NewTableReview = z.output<typeof reviewNewTable.output>

export const createTable = endpoint({
  summary: 'Creates an empty table',
  description: 'The review shows the table. When the outcome is unknown, request it before you send the request again.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/new-tables/:table',
  permission: 'table:write',
  input: newTableInput.extend({
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey,
  }),
  output: z.object({ auditId: z.string() }),
})

export const findNewTable = endpoint({
  summary: 'Returns the outcome of a request to create, clone, register or restore a table',
  description: 'Does not repeat the request.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/new-tables/:table/outcome',
  permission: 'table:write',
  input: namespaceInput.extend({ table: newTableInput.shape.table, idempotencyKey }),
  output: writeOutcome,
})

const registrationInput = namespaceInput.extend({
  table: newTableInput.shape.table,
  metadataLocation: location,
})

export const reviewRegistration = endpoint({
  summary: 'Shows the table that a metadata file describes, or why it cannot be registered',
  description: 'Registers nothing.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/registered-tables/:table/review',
  permission: 'table:write',
  input: registrationInput,
  output: z
    .object({
      /** The table that the file describes; null when it cannot be read, for the reason in `problem`. */
      found: z
        .object({
          tableUuid: z.string(),
          formatVersion: count,
          location: z.string(),
          lastUpdatedMs: instantMs,
          schema: schemaOnWire,
          partitioning: z.string(),
          sortOrder: z.string(),
          snapshotCount: count,
          currentSnapshotId: longId.nullable(),
          /** The rows of the current snapshot; null if its summary does not say. */
          rowCount: count.nullable(),
        })
        .nullable(),
      problem: inlineProblem.nullable(),
      blockers: z.array(newTableBlocker),
      /** Warnings that prevent nothing, such as a name that differs from another one only in case. */
      warnings: z.array(z.string()),
      request: commitRequest,
      scripts: engineScripts,
    })
    .register(contractSchemas, { id: 'RegistrationReview' }),
})
export type RegistrationReview = z.output<typeof reviewRegistration.output>

export const registerTable = endpoint({
  summary: 'Adds the table of an existing metadata file to a catalog',
  description: 'The file stays as it is. Fails when another table has the uuid or the folder.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/registered-tables/:table',
  permission: 'table:write',
  input: registrationInput.extend({ idempotencyKey }),
  output: z.object({ auditId: z.string() }),
})
