'use client'
import { useState } from 'react'
import type { EditedAbout } from '@/components/about/about-fields'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { EMPTY_DRAFT, type NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { SqlDraft } from '@/lib/changes/view-edits/view-draft'

export type FormSql = SqlDraft & { id: number }

/** The fields of the form. The columns are edited like those of a new table. */
export type ViewFields = {
  name: string
  sqls: readonly FormSql[]
  /** The dialect whose SQL is open. */
  openId: number
  defaultCatalog: string
  defaultNamespace: string
  about: EditedAbout
  columns: NewTableDraft
  /** Whether the user declares the columns, rather than the SQL returning them. */
  isByHand: boolean
}

const NO_ABOUT: EditedAbout = {
  description: null,
  owner: null,
  tags: [],
  badge: null,
  badgeReason: null,
  isProtected: false,
}

export function newViewFields(catalog: string, namespace: Namespace, sql: string | null): ViewFields {
  return {
    name: '',
    sqls: [{ id: 1, dialect: sql === null ? 'spark' : 'duckdb', sql: sql ?? '' }],
    openId: 1,
    defaultCatalog: catalog,
    defaultNamespace: namespaceLabel(namespace),
    about: NO_ABOUT,
    columns: columnsOf([]),
    isByHand: false,
  }
}

/** The fields of a version of a view. */
export function fieldsOfVersion(name: string, { schemas }: ViewDetail, version: ViewVersion): ViewFields {
  const sqls = sqlsOf(version).map((sql, i) => ({ id: i + 1, ...sql }))
  const schema = schemas.find(({ schemaId }) => schemaId === version.schemaId)
  return {
    name,
    sqls,
    openId: 1,
    defaultCatalog: version.defaultCatalog ?? '',
    defaultNamespace: namespaceLabel(version.defaultNamespace),
    about: NO_ABOUT,
    columns: columnsOf(schema?.fields ?? []),
    isByHand: false,
  }
}

export function sqlsOf({ representations }: ViewVersion): SqlDraft[] {
  return representations.flatMap((one) => (one.type === 'sql' ? [{ dialect: one.dialect, sql: one.sql }] : []))
}

/** A view may have columns of any table, so of the newest format. */
export function columnsOf(fields: readonly NestedField[]): NewTableDraft {
  return { ...EMPTY_DRAFT, formatVersion: 3, schema: { ...EMPTY_DRAFT.schema, fields } }
}

export type ViewForm = ReturnType<typeof useViewForm>

export function useViewForm(initial: ViewFields) {
  const [fields, setFields] = useState(initial)
  const change = (next: Partial<ViewFields>) => setFields((now) => ({ ...now, ...next }))
  const open = fields.sqls.find(({ id }) => id === fields.openId) ?? fields.sqls[0] ?? null
  return {
    fields,
    open,
    change,
    reset: setFields,
    changeSql: (id: number, next: Partial<SqlDraft>) =>
      setFields((now) => ({ ...now, sqls: now.sqls.map((one) => (one.id === id ? { ...one, ...next } : one)) })),
    addSql: (dialect: string, sql: string) =>
      setFields((now) => {
        const id = Math.max(0, ...now.sqls.map((one) => one.id)) + 1
        return { ...now, sqls: [...now.sqls, { id, dialect, sql }], openId: id }
      }),
    removeSql: (id: number) =>
      setFields((now) => {
        const sqls = now.sqls.filter((one) => one.id !== id)
        return { ...now, sqls, openId: sqls[0]?.id ?? 0 }
      }),
    /** By hand, so that the columns of the SQL do not take their place. */
    changeColumns: (toNext: (draft: NewTableDraft) => NewTableDraft) =>
      setFields((now) => ({ ...now, columns: toNext(now.columns), isByHand: true })),
    takeColumns: (found: readonly NestedField[]) =>
      setFields((now) => {
        const columns = columnsOf(keepDocs(found, now.columns.schema.fields))
        const isSame = JSON.stringify(columns) === JSON.stringify(now.columns)
        return isSame && !now.isByHand ? now : { ...now, columns, isByHand: false }
      }),
  }
}

/** Comments on a column of the same name stay. */
function keepDocs(found: readonly NestedField[], before: readonly NestedField[]): NestedField[] {
  const docs = new Map(before.flatMap(({ name, doc }) => (doc === undefined ? [] : [[name, doc] as const])))
  return found.map((field) => {
    const doc = field.doc ?? docs.get(field.name)
    return doc === undefined ? field : { ...field, doc }
  })
}
