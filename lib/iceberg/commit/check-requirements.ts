import { AppError } from '@/lib/errors'
import type { SnapshotRef, TableMetadata } from '../metadata/table-metadata'
import type { UpdateRequirement } from './table-update'

/**
 * Checks the requirements of a commit. Clients of an Iceberg catalog compare the messages, so they match the reference
 * implementation's to the letter.
 *
 * Spec: REST `open-api`, schema `TableRequirement`.
 */

/**
 * @param metadata null if the table does not exist
 * @throws {AppError} commit-conflict with the facts `requirement`, `expected` and `current`; not-found if the table does
 *   not exist; invalid-request if `assert-create` comes with other requirements
 */
export function checkRequirements(metadata: TableMetadata | null, requirements: readonly UpdateRequirement[]): void {
  const isCreate = requirements.some(({ type }) => type === 'assert-create')
  const others = requirements.filter(({ type }) => type !== 'assert-create')
  if (isCreate && others.length > 0) {
    const otherTypes = others.map(({ type }) => type).join(', ')
    throw new AppError('invalid-request', `Invalid create requirements: ${otherTypes}`)
  }
  for (const requirement of requirements) {
    const violation = findViolation(metadata, requirement)
    if (violation === null) continue
    const { message, requirement: requirementLabel = requirement.type, expected, now } = violation
    throw new AppError('commit-conflict', `Requirement failed: ${message}`, {
      facts: { requirement: requirementLabel, expected, current: now },
    })
  }
}

type Fact = string | number | null
type Violation = { message: string; requirement?: string; expected: Fact; now: Fact }

function findViolation(metadata: TableMetadata | null, requirement: UpdateRequirement): Violation | null {
  if (requirement.type === 'assert-create') {
    return metadata && { message: 'table already exists', expected: null, now: metadata.tableUuid }
  }
  if (metadata === null) throw new AppError('not-found', 'The table does not exist')
  switch (requirement.type) {
    case 'assert-table-uuid': {
      const { tableUuid } = metadata
      const { uuid } = requirement
      if (uuid.toLowerCase() === tableUuid.toLowerCase()) return null
      return { message: `UUID does not match: expected ${tableUuid} != ${uuid}`, expected: uuid, now: tableUuid }
    }
    case 'assert-ref-snapshot-id':
      return findRefViolation(requirement, findRef(metadata, requirement.ref))
    case 'assert-last-assigned-field-id':
      return findIdViolation('last assigned field id', requirement.lastAssignedFieldId, metadata.lastColumnId)
    case 'assert-current-schema-id':
      return findIdViolation('current schema', requirement.currentSchemaId, metadata.currentSchemaId)
    case 'assert-last-assigned-partition-id':
      return findIdViolation(
        'last assigned partition id',
        requirement.lastAssignedPartitionId,
        metadata.lastPartitionId,
      )
    case 'assert-default-spec-id':
      return findIdViolation('default partition spec', requirement.defaultSpecId, metadata.defaultSpecId)
    case 'assert-default-sort-order-id':
      return findIdViolation('default sort order', requirement.defaultSortOrderId, metadata.defaultSortOrderId)
  }
}

function findIdViolation(label: string, expected: number, now: number): Violation | null {
  if (expected === now) return null
  return { message: `${label} changed: expected id ${expected} != ${now}`, expected, now }
}

function findRefViolation(
  { ref: name, snapshotId: expected }: { ref: string; snapshotId: string | null },
  ref: SnapshotRef | null,
): Violation | null {
  const now = ref?.snapshotId ?? null
  if (expected === now) return null
  const requirement = `assert-ref-snapshot-id of ${name}`
  if (ref === null) {
    return { message: `branch or tag ${name} is missing, expected ${expected}`, requirement, expected, now }
  }
  const message =
    expected === null
      ? `${ref.type} ${name} was created concurrently`
      : `${ref.type} ${name} has changed: expected id ${expected} != ${now}`
  return { message, requirement, expected, now }
}

function findRef({ refs }: TableMetadata, name: string): SnapshotRef | null {
  return (Object.hasOwn(refs, name) ? refs[name] : null) ?? null
}
