import { quoteWithBackticks } from '@/lib/sql/quoting'
import { parseTransform, type Transform } from '../../iceberg/partitioning/transform'
import { parsePrimitive } from '../../iceberg/schema/primitive'
import { typeLabel } from '../../iceberg/schema/type-label'
import type { PrimitiveType, Type } from '../../iceberg/schema/types'
import { isMissing, joinParts, type Missing, type SparkTable } from './intent-statement'

/** Spark SQL with Iceberg's extensions: Spark 3.5 and Iceberg 1.10. */

export function sparkColumn(path: readonly string[]): string {
  return path.map(quoteWithBackticks).join('.')
}

/** Spark reads escapes with a backslash, and replaces `${…}` even within text. */
export function sparkString(text: string): string {
  const escaped = text.replace(/[\\']/g, (char) => `\\${char}`)
  return `'${escaped.replaceAll('${', '\\u0024{').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '\\0')}'`
}

export function alterInSpark({ name }: SparkTable, change: string): string {
  return `ALTER TABLE ${name} ${change}`
}

export function callInSpark({ catalog, argument }: SparkTable, procedure: string, args: readonly string[]): string {
  return `CALL ${catalog}.system.${procedure}(${[`table => ${sparkString(argument)}`, ...args].join(', ')})`
}

export function sparkType(type: Type): string | Missing {
  if (typeof type === 'string') return sparkPrimitive(type)
  switch (type.type) {
    case 'struct': {
      const fields = type.fields.map((field) => {
        const inner = sparkType(field.type)
        if (isMissing(inner)) return inner
        const comment = field.doc === undefined ? '' : ` COMMENT ${sparkString(field.doc)}`
        return `${quoteWithBackticks(field.name)}: ${inner}${field.required ? ' NOT NULL' : ''}${comment}`
      })
      return joinParts(fields, (parts) => `STRUCT<${parts.join(', ')}>`)
    }
    case 'list':
      if (type.elementRequired) return { reason: 'Spark SQL has no lists whose elements are required.' }
      return joinParts([sparkType(type.element)], (parts) => `ARRAY<${parts.join('')}>`)
    case 'map':
      if (type.valueRequired) return { reason: 'Spark SQL has no maps whose values are required.' }
      return joinParts([sparkType(type.key), sparkType(type.value)], (parts) => `MAP<${parts.join(', ')}>`)
  }
}

const SPARK_TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INT',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP_NTZ',
  timestamptz: 'TIMESTAMP',
  string: 'STRING',
  binary: 'BINARY',
}

function sparkPrimitive(type: PrimitiveType): string | Missing {
  const primitive = parsePrimitive(type)
  if (primitive.kind === 'decimal') return `DECIMAL(${primitive.precision}, ${primitive.scale})`
  return SPARK_TYPES[primitive.kind] ?? { reason: `Spark 3.5 cannot create columns of the type ${typeLabel(type)}.` }
}

/** A column or a transform of one, as in a partition spec and in a sort order. */
export function sparkTerm(transformText: string, path: readonly string[]): string | Missing {
  const transform: Transform = parseTransform(transformText)
  const column = sparkColumn(path)
  switch (transform.kind) {
    case 'identity':
      return column
    case 'bucket':
      return `bucket(${transform.buckets}, ${column})`
    case 'truncate':
      return `truncate(${transform.width}, ${column})`
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
      return `${transform.kind}s(${column})`
    case 'void':
    case 'unknown':
      return { reason: `Spark has no transform ${transformText}.` }
  }
}
