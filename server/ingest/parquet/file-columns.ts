import 'server-only'
import { AppError } from '@/lib/errors'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'

/**
 * A column of a Parquet file. DuckDB does not distinguish names by case: it reads `S` and `s` as `S` and `s_1`, although
 * the file may have another column of that name.
 */
export type FileColumn = {
  /** As it is in the file. */
  name: string
  /** By which DuckDB finds it. */
  readName: string
  /** Fields that DuckDB renames, because two of one struct in the column have the same name but for its case. */
  renamedFields: readonly string[]
}

/**
 * @param readNames the names by which DuckDB finds the columns, in the order of the file
 * @throws {AppError} not-supported when DuckDB reads other columns than those of the file's schema
 */
export async function listFileColumns(
  session: DuckdbSession,
  path: string,
  readNames: readonly string[],
): Promise<FileColumn[]> {
  const { children } = await readNameTree(session, path)
  if (children.length !== readNames.length)
    throw new AppError(
      'not-supported',
      `The schema of the file has ${children.length} columns, but ${readNames.length} of them can be read.`,
    )
  return children.map((node, i) => ({
    name: node.name,
    readName: readNames[i] ?? '',
    renamedFields: findRenamed(node, node.name),
  }))
}

/**
 * @param indexes of the columns that are read
 * @throws {AppError} not-supported when one has structs whose fields DuckDB renames
 */
export function refuseRenamedFields(columns: readonly FileColumn[], indexes: readonly number[]): void {
  for (const index of indexes) {
    const { name, renamedFields } = columns[index] ?? { name: '', renamedFields: [] }
    if (renamedFields.length === 0) continue
    const listed = renamedFields.slice(0, SHOWN_FIELDS).join(', ')
    throw new AppError(
      'not-supported',
      `Column ${name} of the file has fields in one struct whose names are the same, or differ only in case (${listed}), which loads cannot tell apart.`,
      { facts: { column: name, hint: 'Write the file again with other names, or without the column.' } },
    )
  }
}

const SHOWN_FIELDS = 20

type NameNode = { name: string; isVariant: boolean; children: readonly NameNode[] }

async function readNameTree(session: DuckdbSession, path: string): Promise<NameNode> {
  const elements = await session.rows(
    `SELECT name, coalesce(num_children, 0)::DOUBLE AS children, coalesce(logical_type, '') LIKE 'Variant%' AS is_variant
     FROM parquet_schema(${quoteLiteral(path)}) ORDER BY column_id`,
  )
  let next = 0
  const readNode = (): NameNode => {
    const element = elements[next++]
    const children = Array.from({ length: Number(element?.children ?? 0) }, readNode)
    return { name: String(element?.name), isVariant: element?.is_variant === true, children }
  }
  return readNode()
}

/** @returns the paths of fields whose names DuckDB takes for the same, each after the first */
function findRenamed({ isVariant, children }: NameNode, path: string): string[] {
  // The fields of a variant are keys of its values, which DuckDB does not rename.
  if (isVariant) return []
  const seen = new Set<string>()
  return children.flatMap((child) => {
    const at = `${path}.${child.name}`
    const key = toLowerAscii(child.name)
    const isRenamed = seen.has(key)
    seen.add(key)
    return [...(isRenamed ? [at] : []), ...findRenamed(child, at)]
  })
}

/** To DuckDB, other letters in another case are other names. */
function toLowerAscii(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
