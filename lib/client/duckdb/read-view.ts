import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ViewSql } from '@/lib/query/duckdb/view-sql'
import { callEndpoint } from '../call/call-endpoint'
import type { PlanOptions } from './table-scan'

/** The current version of a view, as far as a query needs it. */
export type ViewDefinition = {
  /** Identifies the version. */
  key: string
  fields: readonly NestedField[]
  /** Where names of the SQL are looked up; null when the version does not say. */
  defaultCatalog: string | null
  defaultNamespace: readonly string[]
  representations: readonly ViewSql[]
}

/** Requests a view from the server; null when there is none. @throws {AppError} forbidden, … */
export type ReadView = (identifier: TableIdentifier, options: PlanOptions) => Promise<ViewDefinition | null>

export const readView: ReadView = async ({ catalog, namespace, table: view }, options) => {
  const detail = await callEndpoint('getView', { catalog, namespace, view }, options).catch((error: unknown) => {
    // Not every catalog has views.
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'not-supported')) return null
    throw error
  })
  const version = detail?.versions.find(({ versionId }) => versionId === detail.currentVersionId)
  if (!detail || !version) return null
  return {
    key: `${detail.viewUuid} ${version.versionId}`,
    fields: detail.schemas.find(({ schemaId }) => schemaId === version.schemaId)?.fields ?? [],
    defaultCatalog: version.defaultCatalog,
    defaultNamespace: version.defaultNamespace,
    representations: version.representations.flatMap((representation) =>
      representation.type === 'sql' ? [{ dialect: representation.dialect, sql: representation.sql }] : [],
    ),
  }
}
