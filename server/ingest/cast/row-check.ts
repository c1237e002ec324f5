import 'server-only'
import { toHex } from '@/lib/iceberg/schema/byte-text'
import type { NestedField, PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import type { ColumnRule, RuleValue } from '@/lib/rules/column-rules'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import { valueLiteral } from '@/server/data-files/duckdb/value-text'
import type { PartitionColumn } from '@/server/data-files/write/partition-sql'

/** A test of one column that every row has to pass. */
export type RowCheck = {
  columnIndex: number
  /** Why a value fails, in words for the rejects. */
  reason: string
  /** SQL that is true for a value that fails, and never null. */
  isBroken: (value: string) => string
}

/** The rules that look at one value at a time. A null passes all of them but one that requires a value. */
export function toRowChecks(rules: readonly ColumnRule[], fields: readonly NestedField[]): RowCheck[] {
  return rules.flatMap((rule) => {
    if (rule.kind === 'unique') return []
    const type = fields[rule.columnIndex]?.type
    return testsOf(rule, typeof type === 'string' ? type : 'unknown').map(({ detail, isBroken }) => ({
      columnIndex: rule.columnIndex,
      reason: brokenReason(rule.name, detail),
      isBroken,
    }))
  })
}

/** A row is in a partition only if its partition values fit their types. */
export function toPartitionChecks(columns: readonly Pick<PartitionColumn, 'misfit'>[]): RowCheck[] {
  return columns.flatMap(({ misfit }) => {
    if (misfit === null) return []
    const { columnIndex, reason, isMisfit } = misfit
    return [{ columnIndex, reason, isBroken: () => isMisfit }]
  })
}

/** @param detail what the value is or does: `is null` */
export function brokenReason(name: string, detail: string): string {
  return `breaks the rule ${name}: ${detail}`
}

type Test = { detail: string; isBroken: (value: string) => string }

function testsOf(rule: Exclude<ColumnRule, { kind: 'unique' }>, type: PrimitiveType): Test[] {
  switch (rule.kind) {
    case 'not-null':
      return [{ detail: 'is null', isBroken: (value) => `(${value} IS NULL)` }]
    case 'range':
      return [
        ...(rule.min === null ? [] : [boundTest(type, rule.min, { detail: 'is not at least', comparison: '<' })]),
        ...(rule.max === null ? [] : [boundTest(type, rule.max, { detail: 'is not at most', comparison: '>' })]),
      ]
    case 'pattern':
      return [
        {
          detail: `does not match ${rule.pattern}`,
          isBroken: (value) => `coalesce(NOT regexp_matches(${value}, ${quoteLiteral(rule.pattern)}), false)`,
        },
      ]
    case 'values':
      return [
        {
          detail: `is none of ${listTexts(rule.values)}`,
          isBroken: (value) =>
            `coalesce(${value} NOT IN (${rule.values.map((one) => toLiteral(type, one.value)).join(', ')}), false)`,
        },
      ]
  }
}

/** NaN is in no range, whereas DuckDB sorts it above all numbers. */
function boundTest(
  type: PrimitiveType,
  bound: RuleValue,
  { detail, comparison }: { detail: string; comparison: '<' | '>' },
): Test {
  const literal = toLiteral(type, bound.value)
  const isFloating = type === 'float' || type === 'double'
  return {
    detail: `${detail} ${bound.text}`,
    isBroken: (value) => `coalesce(${isFloating ? `isnan(${value}) OR ` : ''}${value} ${comparison} ${literal}, false)`,
  }
}

function toLiteral(type: PrimitiveType, value: Value): string {
  return valueLiteral(type, value instanceof Uint8Array ? toHex(value) : String(value))
}

const SHOWN_VALUES = 10
const MAX_SHOWN_CHARS = 50

function listTexts(values: readonly RuleValue[]): string {
  const shown = values
    .slice(0, SHOWN_VALUES)
    .map(({ text }) => (text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text))
  const more = values.length > SHOWN_VALUES ? ` and ${values.length - SHOWN_VALUES} others` : ''
  return `${shown.join(', ')}${more}`
}
