import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ViewSql } from '@/lib/query/duckdb/view-sql'
import type { PlanOptions } from '@/lib/query/load/table-scan'

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
