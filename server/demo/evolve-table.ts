import 'server-only'
import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { auditChange } from '@/server/db/audit'
import { parsePartitionSpec } from '@/server/ingest/run/ingest-spec'
import { commitAuditEntry } from '@/server/table/commit/commit-audit-entry'

/** The steps in which the demo's tables evolve, each one commit with its audit row. */

type TableTarget = { catalog: CatalogClient; identifier: TableIdentifier; actor: Actor; committedAtMs?: number }

export function renameColumn(target: TableTarget, from: string, to: string): Promise<void> {
  return commitChange(target, 'rename-column', (metadata) => {
    const fields = currentSchema(metadata).fields.map((field) => (field.name === from ? { ...field, name: to } : field))
    return toSchemaChange(metadata, fields)
  })
}

export function addColumn(target: TableTarget, column: Omit<NestedField, 'id'>): Promise<void> {
  return commitChange(target, 'add-column', (metadata) =>
    toSchemaChange(metadata, [...currentSchema(metadata).fields, { ...column, id: metadata.lastColumnId + 1 }]),
  )
}

/** Only new files use the new layout; existing files stay as they are. */
export function changePartitioning(target: TableTarget, text: string): Promise<void> {
  return commitChange(target, 'change-partition-spec', (metadata) => {
    const { fields } = parsePartitionSpec(text, currentSchema(metadata))
    const spec = {
      specId: Math.max(...metadata.partitionSpecs.map(({ specId }) => specId)) + 1,
      fields: fields.map((field, i) => ({ ...field, fieldId: metadata.lastPartitionId + 1 + i })),
    }
    return {
      requirements: [
        ...sameTableRequirements(metadata),
        { type: 'assert-last-assigned-partition-id', lastAssignedPartitionId: metadata.lastPartitionId },
      ],
      updates: [
        { action: 'add-spec', spec },
        { action: 'set-default-spec', specId: -1 },
      ],
    }
  })
}

/** Creates a ref at the tip of `main`. */
export function createRefAtTip(target: TableTarget, type: 'tag' | 'branch', refName: string): Promise<void> {
  return commitChange(target, `create-${type}`, (metadata) => {
    const snapshotId = metadata.currentSnapshotId
    if (snapshotId === null)
      throw new AppError('invalid-request', 'A table without a snapshot cannot have a branch or a tag.')
    return {
      requirements: [
        ...sameTableRequirements(metadata),
        { type: 'assert-ref-snapshot-id', ref: refName, snapshotId: null },
      ],
      updates: [{ action: 'set-snapshot-ref', refName, type, snapshotId }],
    }
  })
}

async function commitChange(
  { catalog, identifier, actor, committedAtMs = Date.now() }: TableTarget,
  action: string,
  change: (metadata: TableMetadata) => TableChange,
): Promise<void> {
  await catalog.commitTable(identifier, ({ metadata }) => change(metadata), {
    committedAtMs,
    alongside: (committed) => [
      auditChange(commitAuditEntry(committed, { actor, action, requestId: null }), { atMs: committedAtMs }),
    ],
  })
}

function toSchemaChange(metadata: TableMetadata, fields: readonly NestedField[]): TableChange {
  const schemaId = Math.max(...metadata.schemas.map((schema) => schema.schemaId)) + 1
  return {
    requirements: [
      ...sameTableRequirements(metadata),
      { type: 'assert-current-schema-id', currentSchemaId: metadata.currentSchemaId },
      { type: 'assert-last-assigned-field-id', lastAssignedFieldId: metadata.lastColumnId },
    ],
    updates: [
      { action: 'add-schema', schema: { ...currentSchema(metadata), schemaId, fields } },
      { action: 'set-current-schema', schemaId: -1 },
    ],
  }
}

function sameTableRequirements({ tableUuid }: TableMetadata): TableChange['requirements'] {
  return [{ type: 'assert-table-uuid', uuid: tableUuid }]
}
