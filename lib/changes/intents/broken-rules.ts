import { toColumnRule } from '@/lib/rules/column-rules'
import { AppError } from '@/lib/errors'
import { ruleProperty, rulesOfColumn, tableRules } from '../../iceberg/properties/value-rules'
import type { Schema } from '../../iceberg/schema/types'
import type { TableDraft } from '../edits/table-draft'

/** Warns of the rules that name a top-level column whose name is about to disappear. */
export function brokenRules(properties: TableDraft['properties'], [column, nested]: readonly string[]): string[] {
  return column === undefined || nested !== undefined ? [] : warn(rulesOfColumn(properties, column))
}

/** Warns of the rules that fit the schema of the table, and not the one that replaces it. */
export function rulesBrokenBy({ properties, schema }: TableDraft, next: Schema): string[] {
  const broken = tableRules(properties).filter(({ name, json }) => fits(name, json, schema) && !fits(name, json, next))
  return warn(broken.map(({ name }) => ruleProperty(name)))
}

function fits(name: string, json: string, schema: Schema): boolean {
  try {
    toColumnRule(name, json, schema)
    return true
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return false
  }
}

function warn(rules: readonly string[]): string[] {
  if (rules.length === 0) return []
  return [
    `Loads will stop until these rules, which no longer fit the columns, are changed or removed: ${rules.join(', ')}.`,
  ]
}
