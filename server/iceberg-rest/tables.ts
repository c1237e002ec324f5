import 'server-only'
import { fromRequest } from '@/lib/iceberg/request-json'
import { AppError } from '@/lib/errors'
import { createTableRequestFromJson } from '@/lib/iceberg/create-request-json'
import { isSameTable, type TableRef } from '@/lib/iceberg/identifiers'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { tableChangeFromJson } from '@/lib/iceberg/table-change-from-json'
import type { TableChange, TableUpdate } from '@/lib/iceberg/table-update'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import { purgeChange, requirePurgeable } from '@/server/maintenance/purge-table'
import { deedOf, ofCommit, ofRow, ofTransaction } from './audit'
import { type Needs, type Replay, type RestAsked, type RestWork, textOf } from './serve-operation'
import { pageOf } from './paging'
import { fieldsOf, type RestInput, tableOf, tableRefOf } from './request-input'
import { tableConfig } from './table-config'
import { commitAnswer, etagOf, namesEtag, type SnapshotMode, tableAnswer } from './table-answer'

/** The operations on tables. Spec: REST `open-api`, tag *Catalog API*, paths `…/tables…`. */

export const listTables: RestWork = async ({ namespace, query }, { catalog, signal }) => {
  const { items, nextPageToken } = await pageOf(query, {
    whole: () => catalog.listTables(namespace, { signal }),
    page: (page) => catalog.pages.tables(namespace, page),
  })
  return {
    json: {
      identifiers: items.map(({ table }) => ({ namespace, name: table })),
      'next-page-token': nextPageToken,
    },
  }
}

export const createTable: RestWork = async (input, asked) => {
  const { name, stageCreate, ...table } = createTableRequestFromJson(input.body)
  const ref = { ...tableOf(input), table: name }
  if (!stageCreate) {
    const created = await asked.catalog.createTable(ref, table, ofCommit(asked, { action: 'create-table' }))
    return tableAnswer(created, { config: tableConfig(asked.config, ref, asked.headers) })
  }
  const { metadata } = await asked.catalog.stageTable(ref, table, asked)
  const answer = tableAnswer(
    { metadata, metadataLocation: null },
    { config: tableConfig(asked.config, ref, asked.headers) },
  )
  // Nothing is in the catalog yet, but the uuid and the place are given out with this answer.
  await asked.keepKey({ text: textOf(answer) })
  return answer
}

/** Also of one that was registered: both are told whole, with what a client needs to reach the files. */
export const createdTable: Replay = async (metadataLocation, input, asked) => {
  const table = await tableAt(metadataLocation, namedTableOf(input), asked)
  return tableAnswer(table, { config: tableConfig(asked.config, table.ref, asked.headers) })
}

export const registerTable: RestWork = async (input, asked) => {
  const ref = namedTableOf(input)
  const { metadataLocation, overwrite } = fromRequest(() => {
    const fields = fieldsOf(input)
    return {
      metadataLocation: fields.text('metadata-location'),
      overwrite: fields.has('overwrite') && fields.boolean('overwrite'),
    }
  })
  const options = { ...ofCommit(asked, { action: 'register-table' }), overwrite }
  const registered = await asked.catalog.registerTable(ref, metadataLocation, options)
  await asked.keepKey({ metadataLocation })
  return tableAnswer(registered, { config: tableConfig(asked.config, ref, asked.headers) })
}

/** Overwriting replaces whatever the table is. */
export const needsOfRegister: Needs = (input) => {
  const on = namedTableOf(input)
  return input.body?.overwrite === true ? [{ permission: 'table:maintain', on }] : []
}

export const loadTable: RestWork = async (input, { config, catalog, headers, signal }) => {
  const mode = snapshotModeOf(input)
  const table = await catalog.loadTable(tableOf(input), { signal })
  const etag = etagOf(table.metadataLocation, mode)
  if (namesEtag(headers.get('if-none-match'), etag)) return { status: 304, headers: { etag } }
  return tableAnswer(table, { mode, config: tableConfig(config, table.ref, headers) })
}

export const tableExists: RestWork = async (input, { catalog, signal }) => {
  await catalog.loadTable(tableOf(input), { signal })
  return { status: 204 }
}

export const updateTable: RestWork = async (input, asked) => {
  const change = changeOf(input)
  const ref = tableOf(input)
  const committed = await asked.catalog.commitTable(ref, change, ofCommit(asked, deedOf(change.updates)))
  await asked.keepKey({ metadataLocation: committed.metadataLocation })
  return commitAnswer(committed)
}

export const updatedTable: Replay = async (metadataLocation, input, asked) =>
  commitAnswer(await tableAt(metadataLocation, tableOf(input), asked))

export const needsOfUpdate: Needs = (input) => {
  const { catalog, namespace, name } = input
  const on = { catalog, namespace, table: name }
  return removes(changeOf(input).updates) ? [{ permission: 'table:maintain', on }] : []
}

export const dropTable: RestWork = async (input, asked) => {
  const ref = tableOf(input)
  const isPurge = flagOf(input, 'purgeRequested')
  if (!isPurge) {
    await asked.catalog.dropTable(ref, ofRow(asked, 'drop-table'))
    return { status: 204 }
  }
  const table = await asked.catalog.loadTable(ref, asked)
  const sharers = (await asked.catalog.purging?.tablesWithin(table.metadata.location)) ?? []
  requirePurgeable(
    table,
    sharers.filter((other) => !isSameTable(other, ref)),
  )
  const { alongside, ...options } = ofRow(asked, 'purge-table')
  await asked.catalog.dropTable(ref, {
    ...options,
    // The files go later, by a run that is queued in the transaction in which the row goes.
    alongside: (row) => {
      const dropped = { ...table, metadataLocation: row.metadataLocation ?? table.metadataLocation }
      return [...(alongside?.(row) ?? []), purgeChange(asked.database, dropped, asked.actor)]
    },
  })
  return { status: 204 }
}

export const unregisterTable: RestWork = async (input, asked) => {
  const ref = tableOf(input)
  // What cannot be read stays where it is known.
  let { metadataLocation } = await asked.catalog.loadTable(ref, asked)
  const { alongside, ...options } = ofRow(asked, 'unregister-table', { isAnswered: true })
  await asked.catalog.dropTable(ref, {
    ...options,
    alongside: (row) => {
      // Somebody may have committed since: the answer tells of all commits there were.
      metadataLocation = row.metadataLocation ?? metadataLocation
      return alongside?.(row) ?? []
    },
  })
  return tableAnswer(await tableAt(metadataLocation, ref, asked))
}

export const unregisteredTable: Replay = async (metadataLocation, input, asked) =>
  tableAnswer(await tableAt(metadataLocation, tableOf(input), asked))

export const renameTable: RestWork = async (input, asked) => {
  const { source, destination } = namesOfRename(input)
  await asked.catalog.renameTable(source, destination, ofRow(asked, 'rename-table', { to: destination }))
  return { status: 204 }
}

/** Both names are asked for: the one that goes and the one that comes. */
export const needsOfRename: Needs = (input) => {
  const { source, destination } = namesOfRename(input)
  return [
    { permission: 'table:maintain', on: source },
    { permission: 'table:write', on: destination },
  ]
}

export function namesOfRename(input: RestInput) {
  return fromRequest(() => {
    const fields = fieldsOf(input)
    return {
      source: tableRefOf(fields.json('source'), 'source', input.catalog),
      destination: tableRefOf(fields.json('destination'), 'destination', input.catalog),
    }
  })
}

export const commitTransaction: RestWork = async (input, asked) => {
  const commits = commitsOf(input)
  const deeds = new Map(commits.map(({ ref, change }) => [JSON.stringify(ref), deedOf(change.updates)]))
  await asked.catalog.commitTables(
    commits,
    ofTransaction(asked, (ref) => deeds.get(JSON.stringify(ref)) ?? { action: 'commit' }),
  )
  await asked.keepKey()
  return { status: 204 }
}

export const needsOfTransaction: Needs = (input) =>
  commitsOf(input).flatMap(({ ref, change }) => [
    { permission: 'table:write' as const, on: ref },
    ...(removes(change.updates) ? [{ permission: 'table:maintain' as const, on: ref }] : []),
  ])

/** @throws {AppError} invalid-request for an unknown update or requirement, and for a transaction without a change */
function commitsOf(input: RestInput) {
  const commits = fromRequest(() =>
    fieldsOf(input)
      .items('table-changes')
      .map(({ json, where }) => {
        const identifier = new JsonFields(json, where).json('identifier')
        return { ref: tableRefOf(identifier, `${where}.identifier`, input.catalog), change: tableChangeFromJson(json) }
      }),
  )
  if (commits.length > 0) return commits
  throw new AppError('invalid-request', 'The transaction changes no table.')
}

/** The table that the body names, in the namespace of the address. */
function namedTableOf(input: RestInput): TableRef {
  return { ...tableOf(input), table: fromRequest(() => fieldsOf(input).text('name')) }
}

/** A table as this metadata file tells of it; where that file is gone, as the table is now. */
async function tableAt(metadataLocation: string, ref: TableRef, { catalog, signal }: RestAsked): Promise<LoadedTable> {
  const known = await catalog.purging?.load(metadataLocation, { signal })
  return known ? { ref, metadataLocation, ...known } : catalog.loadTable(ref, { signal })
}

/** The identifier in a commit's body is optional; where it is there, it must be the one of the path. */
function changeOf(input: RestInput): TableChange {
  if (input.body === null) throw new AppError('invalid-request', 'A commit needs a JSON body.')
  const identifier = new JsonFields(input.body, '').json('identifier')
  if (identifier !== null) {
    const named = fromRequest(() => tableRefOf(identifier, 'identifier', input.catalog))
    if (JSON.stringify(named) !== JSON.stringify(tableOf(input))) {
      throw new AppError('invalid-request', 'The identifier in the body is not the table of the address.')
    }
  }
  return tableChangeFromJson(input.body)
}

/** What takes something away or moves a branch to a snapshot that the commit does not add needs more than writing. */
function removes(updates: readonly TableUpdate[]): boolean {
  const added = new Set(
    updates.flatMap((update) => (update.action === 'add-snapshot' ? [update.snapshot.snapshotId] : [])),
  )
  return updates.some(
    (update) =>
      update.action === 'remove-snapshots' ||
      update.action === 'remove-snapshot-ref' ||
      update.action === 'remove-schemas' ||
      update.action === 'remove-partition-specs' ||
      (update.action === 'set-snapshot-ref' && update.type === 'branch' && !added.has(update.snapshotId)),
  )
}

/** Absent is false; what is neither true nor false is not guessed at. */
function flagOf({ query }: RestInput, name: string): boolean {
  const asked = query.get(name)?.toLowerCase() ?? 'false'
  if (asked === 'true' || asked === 'false') return asked === 'true'
  throw new AppError('invalid-request', `${name} is true or false.`)
}

function snapshotModeOf({ query }: RestInput): SnapshotMode {
  const asked = query.get('snapshots')?.toLowerCase() ?? 'all'
  if (asked === 'all' || asked === 'refs') return asked
  throw new AppError('invalid-request', 'snapshots is all or refs.')
}
