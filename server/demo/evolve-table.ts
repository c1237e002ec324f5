import 'server-only'
import { AppError } from '@/lib/errors'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { CODEC_PROPERTY, type CompressionCodec } from '@/lib/iceberg/properties/compression'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { findFieldByName } from '@/lib/iceberg/schema/schema'
import type { Actor } from '@/server/auth/actor'
import { parsePartitionSpec } from '@/server/ingest/run/partition-text'
import type { Services } from '@/server/services'
import { commitIntents } from '@/server/changes/actions/change-table'
import { clock } from '@/server/timing/clock'

/** The steps in which the demo's tables evolve, each one commit. */

export type TableTarget = {
  services: Pick<Services, 'catalogs' | 'database' | 'keys'>
  identifier: TableIdentifier
  actor: Actor
  committedAtMs?: number
}

export function renameColumn(target: TableTarget, from: string, name: string): Promise<void> {
  return commit(target, (metadata) => [
    {
      kind: 'rename-column',
      fieldId: requireColumnId(metadata, from),
      column: [from],
      name,
      movesProperties: true,
    },
  ])
}

/** Adds an optional column as the last one. */
export function addColumn(target: TableTarget, { name, type, doc }: { name: string; type: string; doc: string }) {
  return commit(target, (metadata) => [
    {
      kind: 'add-column',
      parentId: null,
      parent: [],
      name,
      type,
      required: false,
      doc,
      initialDefault: null,
      writeDefault: null,
      after: currentSchema(metadata).fields.at(-1)?.id ?? null,
    },
  ])
}

/** Only new files use the new layout; existing files stay as they are. */
export function changePartitioning(target: TableTarget, text: string): Promise<void> {
  return commit(target, (metadata) => {
    const schema = currentSchema(metadata)
    return [
      ...defaultSpec(metadata).fields.map(
        ({ fieldId, name }): Intent => ({ kind: 'remove-partition-field', fieldId, name }),
      ),
      ...parsePartitionSpec(text, schema).fields.map(
        ({ sourceId, transform, name }): Intent => ({
          kind: 'add-partition-field',
          sourceId,
          source: [schema.fields.find(({ id }) => id === sourceId)?.name ?? name],
          transform,
          name,
        }),
      ),
    ]
  })
}

/** Creates a ref at the tip of `main`. */
export function createRefAtTip(target: TableTarget, type: 'tag' | 'branch', refName: string): Promise<void> {
  return commit(target, ({ currentSnapshotId: snapshotId }) => {
    if (snapshotId === null)
      throw new AppError('invalid-request', 'A table without a snapshot cannot have a branch or a tag.')
    const retention = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
    return [{ kind: 'create-ref', refName, type, snapshotId, retention }]
  })
}

/** Takes the newest commit of `main` back. */
export function rollBackNewest(target: TableTarget): Promise<void> {
  return commit(target, ({ snapshots, currentSnapshotId }) => {
    const newest = snapshots.find(({ snapshotId }) => snapshotId === currentSnapshotId)
    if (!newest || newest.parentSnapshotId === null)
      throw new AppError('invalid-request', 'A table with one commit cannot be rolled back.')
    const { snapshotId: fromSnapshotId, parentSnapshotId: toSnapshotId } = newest
    return [{ kind: 'roll-back', fromSnapshotId, toSnapshotId, safetyTag: null }]
  })
}

/** Only new files are written with it. */
export function setCodec(target: TableTarget, codec: CompressionCodec): Promise<void> {
  return commit(target, ({ properties }) => [
    { kind: 'set-property', key: CODEC_PROPERTY, value: codec, base: properties[CODEC_PROPERTY] ?? null },
  ])
}

async function commit(
  { services, identifier, actor, committedAtMs = clock.nowMs() }: TableTarget,
  toIntents: (metadata: TableMetadata) => readonly Intent[],
): Promise<void> {
  const signal = new AbortController().signal
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const { metadata } = await catalog.loadTable(identifier, { signal })
  const confirmedName = [...identifier.namespace, identifier.table].join('.')
  const options = { actor, signal, requestId: null, committedAtMs, confirmedName }
  await commitIntents(services, identifier, toIntents(metadata), options)
}

function requireColumnId(metadata: TableMetadata, name: string): number {
  const found = findFieldByName(currentSchema(metadata), name)
  if (found) return found.field.id
  throw new AppError('not-found', `The table has no column ${name}.`, { facts: { column: name } })
}
