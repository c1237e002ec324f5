import 'server-only'
import { AppError } from '@/lib/errors'
import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { assignFreshIds } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { entryLabel } from '@/lib/names/identifiers'
import { type ColumnRule, columnRules } from '@/lib/rules/column-rules'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { CommittedTable, WriteOptions } from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import { sortSql } from '@/server/data-files/write/sort-sql'
import { newAuditId } from '@/server/db/audit'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import { commitAuditEntry, commitPlan } from '@/server/table/commit/commit-audit-entry'
import type { TableRun, TableWrite } from '@/server/table-writes/table-write'
import type { RowRequirement } from '../cast/filter-check'
import { requirePossibleLanding } from '../land/possible-landing'
import type { IngestJournal } from './ingest-journal'
import { type IngestSpec, parseSchema } from './ingest-spec'
import { parsePartitionSpec } from './partition-text'
import { requireBranch } from './load-branch'
import { requireCreatableFormat, requireWritableFormat } from './writable-format'

/** The default of Iceberg itself. */
const DEFAULT_FORMAT_VERSION = 2

/** The target of the staged rows: a table as it is, or as it will be created. */
export type IngestTarget = {
  schema: Schema
  spec: PartitionSpec
  /** Null if the rows are not sorted. */
  sortOrder: SortOrder | null
  properties: Readonly<Record<string, string>>
  /** Those of the table, which its properties say. */
  rules: readonly ColumnRule[]
  /** The filter that every row has to pass, in addition to the rules. */
  requirement: RowRequirement | null
  table: LoadedTable | null
}

/** A spec that says how its rows land. */
export type LandedSpec = IngestSpec & { landing: LoadLanding }

/** The parts of a write that a load needs to find its table; a preview has no write. */
export type TargetContext = Pick<TableWrite<IngestJournal>, 'catalog' | 'log'> & { run: Pick<TableRun, 'table'> }

/**
 * Finds the table of a load, or describes the one that it will create.
 *
 * @throws {AppError} not-found, already-exists, invalid-request, not-supported; before anything is read or written
 */
export async function resolveTarget(
  write: TargetContext,
  spec: Pick<LandedSpec, 'create' | 'landing' | 'proposed'>,
): Promise<IngestTarget> {
  const { create, landing } = spec
  const table = await nullIfNotFound(() => write.catalog.loadTable(write.run.table))
  if (table && create) {
    throw new AppError(
      'already-exists',
      `${entryLabel(write.run.table)} already exists. Load into it without a schema.`,
    )
  }
  if (table) {
    const { metadata } = table
    requireProposedTable(write, spec, metadata.tableUuid)
    requireWritableFormat(metadata.formatVersion, write.run.table)
    const schema = currentSchema(metadata)
    const { properties } = metadata
    requireBranch(metadata, landing)
    return {
      requirement: requirePossibleLanding(landing, schema),
      schema,
      spec: defaultSpec(metadata),
      sortOrder: findSortOrder(write, metadata, schema),
      properties,
      rules: loadRules(properties, schema),
      table,
    }
  }
  if (!create) {
    throw new AppError(
      'not-found',
      `There is no table ${entryLabel(write.run.table)}. Give a schema to create it (--create-schema).`,
    )
  }
  const formatVersion = propertyValue(create.properties, 'format-version') ?? String(DEFAULT_FORMAT_VERSION)
  requireCreatableFormat(formatVersion)
  requireBranch({ refs: {} }, landing)
  // The ids that the catalog will assign: the files contain them before the table exists.
  const { schema } = assignFreshIds(parseSchema(create.schema))
  const { properties } = create
  return {
    requirement: requirePossibleLanding(landing, schema),
    schema,
    spec: parsePartitionSpec(create.partitionBy, schema),
    sortOrder: null,
    properties,
    rules: loadRules(properties, schema),
    table: null,
  }
}

/**
 * The rules that a load checks.
 *
 * @throws {AppError} invalid-request naming the property that is no rule of these columns: a rule is never ignored
 */
export function loadRules(properties: Readonly<Record<string, string>>, schema: Schema): ColumnRule[] {
  try {
    return columnRules(properties, schema)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError(error.code, `${error.message} Nothing was loaded.`, { cause: error, facts: error.facts })
  }
}

/** Another table may have got the name while the run waited. */
function requireProposedTable(
  { run }: Pick<TargetContext, 'run'>,
  { proposed }: Pick<IngestSpec, 'proposed'>,
  tableUuid: string,
): void {
  if (proposed === undefined || proposed.tableUuid === tableUuid) return
  const name = entryLabel(run.table)
  throw new AppError('not-found', `The load was proposed for another table ${name}. Nothing was loaded.`)
}

/** A file that is not sorted as the table asks is better than none: readers rely on the order that the file names. */
export function findSortOrder(
  write: Pick<TargetContext, 'log'>,
  metadata: TableMetadata,
  schema: Schema,
): SortOrder | null {
  const order = defaultSortOrder(metadata)
  try {
    return sortSql(order, schema, () => '') && order
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'not-supported')) throw error
    write.log(`${error.message} The rows keep the order of the input.`, 'warning')
    return null
  }
}

/** Creates the table of a load, and its namespace if that does not exist. */
export async function createTarget(
  write: TableWrite<IngestJournal>,
  { schema, spec, properties }: IngestTarget,
  history: IngestSpec['history'],
): Promise<LoadedTable> {
  const { catalog } = write
  const [auditId, audited] = [newAuditId(), { actor: write.actor, action: 'create-table', requestId: null }]
  const options = {
    signal: write.signal,
    ...(history && { committedAtMs: history.committedAtMs }),
    plan: commitPlan(write.run.table, auditId, audited),
    beforeMetadata: async (location: string) => {
      write.journal.locations.push(location)
      await write.save()
    },
    alongside: (committed: CommittedTable) => {
      const { metadata, metadataLocation } = committed.after
      write.journal.createdTableUuid = metadata.tableUuid
      // It belongs to the table now.
      write.journal.locations = write.journal.locations.filter((location) => location !== metadataLocation)
      const audit = commitAuditEntry(committed, audited)
      return [
        write.saveChange(),
        ...commitAuditChanges(audit, { id: auditId, ...(history && { atMs: history.committedAtMs }) }),
      ]
    },
  }
  write.log(`Creating table ${entryLabel(write.run.table)}.`)
  await ensureNamespace(catalog, write.run.table.namespace, history ? { committedAtMs: history.committedAtMs } : {})
  return catalog.write(
    { kind: 'create-table', table: write.run.table, schema, partitionSpec: spec, properties },
    options,
  )
}

async function ensureNamespace(
  catalog: CatalogClient,
  namespace: readonly string[],
  options: WriteOptions<'create-namespace'>,
): Promise<void> {
  try {
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} }, options)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'already-exists')) throw error
  }
}
