import { AppError } from '@/lib/errors'
import type { SnapshotRef, TableMetadata } from './table-metadata'
import type { UpdateRequirement } from './table-update'

/**
 * Whether what a commit asserts of a table holds. Clients of an Iceberg catalog know the messages and compare them,
 * so they are the reference implementation's to the letter.
 *
 * Spec: REST `open-api`, schema `TableRequirement`.
 */

/**
 * @param metadata null where the table does not exist
 * @throws {AppError} commit-conflict with the facts `requirement`, `expected` and `now`; not-found where the table is
 *   gone; invalid-request where it is to be new and yet more is asserted of it
 */
export function checkRequirements(metadata: TableMetadata | null, requirements: readonly UpdateRequirement[]): void {
  const isCreate = requirements.some(({ type }) => type === 'assert-create')
  const others = requirements.filter(({ type }) => type !== 'assert-create')
  if (isCreate && others.length > 0) {
    const named = others.map(({ type }) => type).join(', ')
    throw new AppError('invalid-request', `Invalid create requirements: ${named}`)
  }
  for (const requirement of requirements) {
    const broken = brokenBy(metadata, requirement)
    if (broken === null) continue
    const { says, requirement: what = requirement.type, expected, now } = broken
    throw new AppError('commit-conflict', `Requirement failed: ${says}`, {
      facts: { requirement: what, expected, now },
    })
  }
}

type Fact = string | number | null
type Broken = { says: string; requirement?: string; expected: Fact; now: Fact }

function brokenBy(metadata: TableMetadata | null, requirement: UpdateRequirement): Broken | null {
  if (requirement.type === 'assert-create') {
    return metadata && { says: 'table already exists', expected: null, now: metadata.tableUuid }
  }
  if (metadata === null) throw new AppError('not-found', 'The table does not exist')
  switch (requirement.type) {
    case 'assert-table-uuid': {
      const { tableUuid } = metadata
      const { uuid } = requirement
      if (uuid.toLowerCase() === tableUuid.toLowerCase()) return null
      return { says: `UUID does not match: expected ${tableUuid} != ${uuid}`, expected: uuid, now: tableUuid }
    }
    case 'assert-ref-snapshot-id':
      return brokenByRef(requirement, refOf(metadata, requirement.ref))
    case 'assert-last-assigned-field-id':
      return brokenById('last assigned field id', requirement.lastAssignedFieldId, metadata.lastColumnId)
    case 'assert-current-schema-id':
      return brokenById('current schema', requirement.currentSchemaId, metadata.currentSchemaId)
    case 'assert-last-assigned-partition-id':
      return brokenById('last assigned partition id', requirement.lastAssignedPartitionId, metadata.lastPartitionId)
    case 'assert-default-spec-id':
      return brokenById('default partition spec', requirement.defaultSpecId, metadata.defaultSpecId)
    case 'assert-default-sort-order-id':
      return brokenById('default sort order', requirement.defaultSortOrderId, metadata.defaultSortOrderId)
  }
}

function brokenById(what: string, expected: number, now: number): Broken | null {
  if (expected === now) return null
  return { says: `${what} changed: expected id ${expected} != ${now}`, expected, now }
}

function brokenByRef(
  { ref: name, snapshotId: expected }: { ref: string; snapshotId: string | null },
  ref: SnapshotRef | null,
): Broken | null {
  const now = ref?.snapshotId ?? null
  if (expected === now) return null
  const requirement = `assert-ref-snapshot-id of ${name}`
  if (ref === null) {
    return { says: `branch or tag ${name} is missing, expected ${expected}`, requirement, expected, now }
  }
  const says =
    expected === null
      ? `${ref.type} ${name} was created concurrently`
      : `${ref.type} ${name} has changed: expected id ${expected} != ${now}`
  return { says, requirement, expected, now }
}

function refOf({ refs }: TableMetadata, name: string): SnapshotRef | null {
  return (Object.hasOwn(refs, name) ? refs[name] : null) ?? null
}
