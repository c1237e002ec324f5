import 'server-only'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { ViewRepresentation, ViewVersion } from '@/lib/iceberg/view/view-metadata'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { WriteOptions } from '@/server/catalog/port/catalog-write'
import { auditChange } from '@/server/db/audit'
import { viewAuditEntry } from '@/server/view/view-audit-entry'
import { Columns } from './columns'

export type ViewTarget = { catalog: CatalogClient; identifier: ViewIdentifier; actor: Actor; committedAtMs: number }

/** Creates the view over `demo.flights`. This version counts flights by route. */
export async function createFlightsByRoute({ catalog, identifier, ...commit }: ViewTarget): Promise<void> {
  await catalog.write(
    {
      kind: 'create-view',
      view: identifier,
      schema: routesSchema({ withDelay: false }),
      version: viewVersion(ROUTES, commit.committedAtMs),
      properties: { comment: 'How many flights each route has, and how late they are', owner: 'operations' },
    },
    auditedViewOptions('create-view', commit),
  )
}

/** Adds a version with delays, and SQL for a second engine. */
export async function addDelayByRoute({ catalog, identifier, ...commit }: ViewTarget): Promise<void> {
  const { metadata } = await catalog.loadView(identifier)
  await catalog.write(
    {
      kind: 'commit-view',
      view: identifier,
      change: {
        requirements: [{ type: 'assert-view-uuid', uuid: metadata.viewUuid }],
        updates: [
          { action: 'add-schema', schema: routesSchema({ withDelay: true }) },
          { action: 'add-view-version', viewVersion: viewVersion(LATE_ROUTES, commit.committedAtMs) },
          { action: 'set-current-view-version', viewVersionId: -1 },
        ],
      },
    },
    auditedViewOptions('replace-view', commit),
  )
}

const ROUTES: ViewRepresentation[] = [
  {
    type: 'sql',
    dialect: 'spark',
    sql: 'SELECT origin, destination, count(*) AS flights\nFROM demo.flights\nGROUP BY origin, destination',
  },
]

const LATE_ROUTES: ViewRepresentation[] = [
  {
    type: 'sql',
    dialect: 'spark',
    sql: [
      'SELECT origin, destination, count(*) AS flights,',
      '  round(avg(arrival_delay), 1) AS average_delay -- minutes',
      'FROM demo.flights',
      'GROUP BY origin, destination',
    ].join('\n'),
  },
  {
    type: 'sql',
    dialect: 'duckdb',
    sql: [
      'select origin, destination, count(*) as flights,',
      '  round(avg(arrival_delay), 1) as average_delay -- minutes',
      'from demo.flights',
      'group by all',
    ].join('\n'),
  },
]

function routesSchema({ withDelay }: { withDelay: boolean }): Schema {
  const { column } = new Columns()
  return {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [
      column('origin', 'string', 'Airport of departure, IATA code'),
      column('destination', 'string', 'Airport of arrival, IATA code'),
      column('flights', 'long', 'January to June 2001'),
      ...(withDelay ? [column('average_delay', 'double', 'Minutes late at arrival; negative is early')] : []),
    ],
  }
}

/** The ids are placeholders for the schema and version that the same commit adds. */
function viewVersion(representations: readonly ViewRepresentation[], timestampMs: number): ViewVersion {
  return {
    versionId: -1,
    timestampMs,
    schemaId: -1,
    summary: { 'engine-name': 'lakeshore' },
    representations,
    defaultCatalog: null,
    defaultNamespace: ['demo'],
  }
}

function auditedViewOptions(
  action: string,
  { actor, committedAtMs }: Pick<ViewTarget, 'actor' | 'committedAtMs'>,
): WriteOptions<'create-view' | 'commit-view'> {
  return {
    committedAtMs,
    alongside: (committed) => [
      auditChange(viewAuditEntry(committed, { actor, action, requestId: null }), { atMs: committedAtMs }),
    ],
  }
}
