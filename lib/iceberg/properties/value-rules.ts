/**
 * Rules for the values of a table: `lakeshore.rule.<name>` is JSON of one rule, which loads check for every row. They are
 * properties, so they travel with the table and are changed, proposed and audited like others. See `docs/loading.md`.
 */
export const RULE_PREFIX = 'lakeshore.rule.'

/** A load computes each rule for each row. */
export const MAX_RULES = 100
export const MAX_RULE_NAME_CHARS = 100
export const MAX_RULE_JSON_CHARS = 10_000
export const MAX_PATTERN_CHARS = 1_000
export const MAX_RULE_VALUES = 1_000
export const MAX_UNIQUE_COLUMNS = 16

/** Columns are top-level columns by their names. Bounds and values are texts, which only a column's type can read. */
export type ValueRule =
  | { kind: 'not-null'; column: string }
  /** Both inclusive; null for no bound. */
  | { kind: 'range'; column: string; min: string | null; max: string | null }
  /** A regular expression of RE2, which a text has to match somewhere. */
  | { kind: 'pattern'; column: string; pattern: string }
  | { kind: 'values'; column: string; values: readonly string[] }
  /** No two rows of a load have the same values in all these columns. */
  | { kind: 'unique'; columns: readonly string[] }

export type NamedRule = { name: string; json: string }

/** In the order of their names. */
export function tableRules(properties: ReadonlyMap<string, string> | Readonly<Record<string, string>>): NamedRule[] {
  const entries = properties instanceof Map ? [...properties] : Object.entries(properties)
  return entries
    .flatMap(([key, json]) => (isRuleKey(key) ? [{ name: key.slice(RULE_PREFIX.length), json }] : []))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function isRuleKey(key: string): boolean {
  return key.startsWith(RULE_PREFIX)
}

export function ruleProperty(name: string): string {
  return `${RULE_PREFIX}${name}`
}

/** A rule that cannot be read; its message completes “The property …”. */
export class RuleProblem extends Error {
  override readonly name = 'RuleProblem'
}

/** Why a rule cannot have the name or the JSON, in words after the property's name; null if it can. */
export function ruleProblem(name: string, json: string): string | null {
  try {
    parseRule(name, json)
    return null
  } catch (error) {
    if (!(error instanceof RuleProblem)) throw error
    return error.message
  }
}

/** @throws {RuleProblem} */
export function parseRule(name: string, json: string): ValueRule {
  if (name.trim() === '' || name !== name.trim() || /\p{C}/u.test(name))
    throw new RuleProblem(`should have a name of visible characters after ${RULE_PREFIX}`)
  if (name.length > MAX_RULE_NAME_CHARS)
    throw new RuleProblem(`should have a name of at most ${MAX_RULE_NAME_CHARS} characters after ${RULE_PREFIX}`)
  if (json.length > MAX_RULE_JSON_CHARS) throw new RuleProblem(`should have at most ${MAX_RULE_JSON_CHARS} characters`)
  const object = parseObject(json)
  const kind = RULE_KINDS.find(({ keys }) => keys.some((key) => Object.hasOwn(object, key)))
  if (kind === undefined) throw formError(`it has none of ${RULE_KINDS.flatMap(({ keys }) => keys).join(', ')}`)
  const known = [kind.columnKey, ...kind.keys]
  const unknown = Object.keys(object).filter((key) => !known.includes(key))
  if (unknown.length > 0) throw formError(`it has ${unknown.join(', ')}, which the rule does not know`)
  return kind.read(object)
}

/** The properties of the rules that name a column. Properties that are not rules name none. */
export function rulesOfColumn(properties: ReadonlyMap<string, string>, column: string): string[] {
  return tableRules(properties)
    .filter(({ json }) => renameInRule(json, column, column) !== null)
    .map(({ name }) => ruleProperty(name))
}

/** The JSON of a rule with another name of a column; null if the rule does not name the column, or is none. */
export function renameInRule(json: string, column: string, name: string): string | null {
  const rule = ruleProblem('rule', json) === null ? parseObject(json) : null
  if (rule === null) return null
  if (rule.column === column) return JSON.stringify({ ...rule, column: name })
  const { columns } = rule
  if (!Array.isArray(columns) || !columns.includes(column)) return null
  return JSON.stringify({ ...rule, columns: columns.map((one: unknown) => (one === column ? name : one)) })
}

function parseObject(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json)
    if (isJsonObject(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw formError('it is no JSON object')
}

function formError(detail: string): RuleProblem {
  return new RuleProblem(`should be a rule such as {"column": "fare", "min": "0", "max": "500"}: ${detail}`)
}

type JsonObject = Readonly<Record<string, unknown>>

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type RuleKind = {
  columnKey: 'column' | 'columns'
  /** Only this kind of rule has them. */
  keys: readonly string[]
  read: (rule: JsonObject) => ValueRule
}

/** Zod would be larger than all of this, and pages load it. */
const RULE_KINDS: readonly RuleKind[] = [
  {
    columnKey: 'column',
    keys: ['notNull'],
    read: (rule) => {
      requireTrue(rule, 'notNull')
      return { kind: 'not-null', column: readColumn(rule) }
    },
  },
  {
    columnKey: 'column',
    keys: ['min', 'max'],
    read: (rule) => ({
      kind: 'range',
      column: readColumn(rule),
      min: readBound(rule, 'min'),
      max: readBound(rule, 'max'),
    }),
  },
  {
    columnKey: 'column',
    keys: ['pattern'],
    read: (rule) => ({ kind: 'pattern', column: readColumn(rule), pattern: readPattern(rule) }),
  },
  {
    columnKey: 'column',
    keys: ['values'],
    read: (rule) => ({
      kind: 'values',
      column: readColumn(rule),
      values: readTexts(rule, 'values', { max: MAX_RULE_VALUES, example: '["A", "B"]' }),
    }),
  },
  {
    columnKey: 'columns',
    keys: ['unique'],
    read: (rule) => {
      requireTrue(rule, 'unique')
      const columns = readTexts(rule, 'columns', { max: MAX_UNIQUE_COLUMNS, example: '["id"]' })
      if (new Set(columns).size < columns.length) throw formError('columns should name each column once')
      return { kind: 'unique', columns }
    },
  },
]

function requireTrue(rule: JsonObject, key: string): void {
  if (rule[key] !== true) throw formError(`${key} should be true`)
}

function readColumn({ column }: JsonObject): string {
  if (typeof column !== 'string' || column === '') throw formError('column should be the name of a column')
  return column
}

function readBound(rule: JsonObject, key: 'min' | 'max'): string | null {
  if (!Object.hasOwn(rule, key)) return null
  const bound = rule[key]
  if (typeof bound !== 'string') throw formError(`${key} should be a text, such as "0"`)
  return bound
}

function readTexts(rule: JsonObject, key: string, { max, example }: { max: number; example: string }): string[] {
  const texts = rule[key]
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    throw formError(`${key} should be a list of texts, such as ${example}`)
  if (texts.length === 0) throw formError(`${key} should not be empty`)
  if (texts.length > max) throw formError(`${key} should have at most ${max} texts`)
  return texts
}

function readPattern({ pattern }: JsonObject): string {
  if (typeof pattern !== 'string' || pattern === '') throw formError('pattern should be a text that is not empty')
  if (pattern.length > MAX_PATTERN_CHARS) throw formError(`pattern should have at most ${MAX_PATTERN_CHARS} characters`)
  if (!pattern.isWellFormed() || pattern.includes('\0')) throw formError('pattern should have whole characters')
  const problem = patternProblem(pattern)
  if (problem !== null) throw formError(`pattern ${problem}`)
  return pattern
}

/** A class of characters as a whole, so that its characters are not read as operators. */
const CHARACTER_CLASS = String.raw`\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]`
const PATTERN_PARTS = new RegExp(String.raw`\\[^]|${CHARACTER_CLASS}|\(\?(?:<?[=!]|P?<[a-zA-Z_]|[a-zA-Z-]*[:)])?`, 'g')

/**
 * Why RE2 cannot have a pattern, as far as that is known without RE2: it has no lookarounds and back references. A load
 * asks RE2 itself.
 */
function patternProblem(pattern: string): string | null {
  for (const [part] of pattern.matchAll(PATTERN_PARTS)) {
    if (/^\(\?<?[=!]/.test(part)) return `has ${part}…), and lookarounds are not supported`
    if (/^\(\?<\w/.test(part)) return 'has a group with a name, which is written (?P<name>…)'
    if (/^\\[1-9k]/.test(part)) return `has ${part}, and back references are not supported`
  }
  // JavaScript has neither flags in a pattern nor quotes of texts, and its other groups and brackets close in the same way.
  if (/\(\?[a-zA-Z-]+[:)]|\(\?P<|\\Q|\[\^?\]|\[\[:/.test(pattern)) return null
  try {
    RegExp(pattern)
    return null
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return 'is not a regular expression'
  }
}
