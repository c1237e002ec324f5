import * as z from 'zod'
import type { Json } from '../../iceberg/json/json'

/**
 * A table as code: the state of a table as a file declares it, section by section. An absent section is left alone; a
 * present one is complete, so that items it does not name are removed. Names of members are those of Iceberg's JSON.
 */
export type TableDeclaration = {
  'format-version'?: 1 | 2 | 3 | undefined
  columns?: readonly ColumnDeclaration[] | undefined
  /** Dotted names of the columns that identify a row. */
  'identifier-fields'?: readonly string[] | undefined
  'partition-fields'?: readonly PartitionFieldDeclaration[] | undefined
  'sort-fields'?: readonly SortFieldDeclaration[] | undefined
  properties?: Readonly<Record<string, string>> | undefined
  /** Retention of branches and tags that exist; refs that are not named are left alone. */
  refs?: Readonly<Record<string, RefDeclaration>> | undefined
}

export type ColumnDeclaration = {
  name: string
  /** Finds the column under another name, which makes it a rename. Without it the name finds it. */
  id?: number | undefined
  type: TypeDeclaration
  required?: boolean | undefined
  doc?: string | undefined
  'initial-default'?: Json | undefined
  'write-default'?: Json | undefined
}

/** The name of a primitive type, or the parts of a nested type. */
export type TypeDeclaration =
  | string
  | { struct: readonly ColumnDeclaration[] }
  | { list: TypeDeclaration; required?: boolean | undefined }
  | { map: { key: TypeDeclaration; value: TypeDeclaration }; required?: boolean | undefined }

export type PartitionFieldDeclaration = { name: string; column: string; transform: string }

export type SortFieldDeclaration = {
  column: string
  transform: string
  direction: 'asc' | 'desc'
  'null-order': 'nulls-first' | 'nulls-last'
}

export type RefDeclaration = {
  'min-snapshots-to-keep'?: number | undefined
  'max-snapshot-age-ms'?: number | undefined
  'max-ref-age-ms'?: number | undefined
}

/** The members of a file and of each part of it. */
export const DECLARATION_MEMBERS = {
  file: [
    'format-version',
    'columns',
    'identifier-fields',
    'partition-fields',
    'sort-fields',
    'properties',
    'refs',
  ] satisfies (keyof TableDeclaration)[],
  columns: [
    'name',
    'id',
    'type',
    'required',
    'doc',
    'initial-default',
    'write-default',
  ] satisfies (keyof ColumnDeclaration)[],
  partitionFields: ['name', 'column', 'transform'] satisfies (keyof PartitionFieldDeclaration)[],
  sortFields: ['column', 'transform', 'direction', 'null-order'] satisfies (keyof SortFieldDeclaration)[],
  refs: ['min-snapshots-to-keep', 'max-snapshot-age-ms', 'max-ref-age-ms'] satisfies (keyof RefDeclaration)[],
}

/** The most columns of a table, and fields of a struct. BigQuery has the same limit. */
export const MAX_COLUMNS = 10_000
/** The most members of any other list or section. */
export const MAX_MEMBERS = 1_000

const name = z.string().min(1).max(1000)
const column: z.ZodType<ColumnDeclaration> = z.lazy(() =>
  z.strictObject({
    name,
    id: z.int().min(1).optional(),
    type,
    required: z.boolean().optional(),
    doc: z.string().max(32_768).optional(),
    'initial-default': json.optional(),
    'write-default': json.optional(),
  }),
)
const type: z.ZodType<TypeDeclaration> = z.lazy(() =>
  z.union([
    z.string().max(1000),
    z.strictObject({ struct: z.array(column).min(1).max(MAX_COLUMNS) }),
    z.strictObject({ list: type, required: z.boolean().optional() }),
    z.strictObject({ map: z.strictObject({ key: type, value: type }), required: z.boolean().optional() }),
  ]),
)
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.boolean(), z.number(), z.bigint(), z.string(), z.null(), z.array(json), z.record(z.string(), json)]),
)
const age = z.int().min(1)

/** The shape of a file. Unknown members are refused, so that a misspelled section is noticed. */
export const tableDeclaration: z.ZodType<TableDeclaration> = z.strictObject({
  'format-version': z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
  columns: z.array(column).min(1).max(MAX_COLUMNS).optional(),
  'identifier-fields': z.array(name).max(MAX_MEMBERS).optional(),
  'partition-fields': z
    .array(z.strictObject({ name, column: name, transform: name }))
    .max(MAX_MEMBERS)
    .optional(),
  'sort-fields': z
    .array(
      z.strictObject({
        column: name,
        transform: name,
        direction: z.enum(['asc', 'desc']),
        'null-order': z.enum(['nulls-first', 'nulls-last']),
      }),
    )
    .max(MAX_MEMBERS)
    .optional(),
  properties: z.record(name, z.string().max(32_768)).optional(),
  refs: z
    .record(
      name,
      z.strictObject({
        'min-snapshots-to-keep': z.int().min(1).optional(),
        'max-snapshot-age-ms': age.optional(),
        'max-ref-age-ms': age.optional(),
      }),
    )
    .optional(),
})
