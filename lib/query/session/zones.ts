import type { NestedField } from '@/lib/iceberg/schema/types'
import { hasZone } from '@/lib/query/duckdb/duckdb-type'
import { ZONE_SCHEMA } from '@/lib/query/duckdb/zones/macro'
import { operatorMacros, untypedOperatorMacros } from '@/lib/query/duckdb/zones/operator-macros'
import { neededMacros, zoneMacros } from '@/lib/query/duckdb/zones/zone-macros'
import { findZoneNames, mentionsZones } from '@/lib/query/duckdb/zones/zone-names'
import type { Token } from '@/lib/query/statement/tokenize'
import type { Engine } from '@/lib/query/duckdb/engine'

type InstalledZones = {
  /** The macros that an engine has, by their text. */
  macros: Set<string>
  /** The zones that its statements and views have named. */
  zones: Set<string>
  /** The macros of these zones: the next statement and the next estimate of this one need the same. */
  macrosOfZones: { key: string; macros: string[] } | null
}

const installedByEngine = new WeakMap<Engine, InstalledZones>()

/** Whether a statement may have values with a time zone. The others run as they are. */
export function usesZones(tokens: readonly Token[], tables: Iterable<{ fields: readonly NestedField[] }>): boolean {
  return mentionsZones(tokens) || [...tables].some(({ fields }) => fields.some(({ type }) => hasZone(type)))
}

type Macros = {
  /** The statement adds times with zones or subtracts them. */
  hasOperators: boolean
  /** The operators have operands without a known type. */
  isUntyped: boolean
}

/**
 * Attempts rewritten SQL with ever more macros until DuckDB accepts it: macros of functions, then of operators, then of
 * operators whose operands have no known type.
 *
 * @param options.isZoned whether the statement may have values with a time zone; it needs no macros otherwise
 * @param options.hasOperators whether the macros of operators are known to be needed
 * @param attempt is called with whether there are macros of operators
 */
export async function tryWithMacros<T>(
  engine: Engine,
  sql: string,
  { tokens, isZoned, hasOperators }: { tokens: readonly Token[]; isZoned: boolean; hasOperators: boolean },
  attempt: (hasOperators: boolean) => Promise<T>,
): Promise<{ result: T; hasOperators: boolean }> {
  if (!isZoned) return { result: await attempt(hasOperators), hasOperators }
  let macros: Macros = { hasOperators, isUntyped: false }
  for (;;) {
    await installMacros(engine, sql, { tokens, ...macros })
    try {
      return { result: await attempt(macros.hasOperators), hasOperators: macros.hasOperators }
    } catch (error) {
      const next = moreMacros(macros, error)
      if (next === null) throw error
      macros = next
    }
  }
}

/** The macros that DuckDB lacked; null when more macros would not help. */
function moreMacros({ hasOperators, isUntyped }: Macros, error: unknown): Macros | null {
  if (!hasOperators) return needsOperators(error) ? { hasOperators: true, isUntyped: false } : null
  return !isUntyped && hasUntypedOperands(error) ? { hasOperators: true, isUntyped: true } : null
}

/** Defines what rewritten SQL needs for zones. */
async function installMacros(
  engine: Engine,
  sql: string,
  { tokens, hasOperators, isUntyped }: Macros & { tokens: readonly Token[] },
): Promise<void> {
  const known: InstalledZones = installedByEngine.get(engine) ?? {
    macros: new Set(),
    zones: new Set(),
    macrosOfZones: null,
  }
  installedByEngine.set(engine, known)
  const { macros: installed } = known
  for (const zone of findZoneNames(tokens)) known.zones.add(zone)
  const zones = [...known.zones]
  const key = zones.join('\n')
  if (known.macrosOfZones?.key !== key) known.macrosOfZones = { key, macros: zoneMacros(zones) }
  const operators = hasOperators ? (isUntyped ? untypedOperatorMacros() : operatorMacros()) : []
  const needed = neededMacros([...known.macrosOfZones.macros, ...operators], sql)
  for (const macro of needed) {
    if (installed.has(macro)) continue
    await engine.query(macro)
    // A macro of the same name is replaced.
    const name = macroName(macro)
    for (const other of installed) if (macroName(other) === name) installed.delete(other)
    installed.add(macro)
  }
}

/** Whether DuckDB refused an operator on a time with a zone, for which there is a macro. */
function needsOperators(error: unknown): boolean {
  return error instanceof Error && /argument types '[+-]\([^']*TIMESTAMP WITH TIME ZONE/.test(error.message)
}

/** Whether DuckDB could not choose among the macros of an operator, because it does not know the type of an operand. */
function hasUntypedOperands(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // The message to show says what to write, not what DuckDB said.
  const { message } = error.cause instanceof Error ? error.cause : error
  return /Macro [+-]\(\) has multiple overloads/.test(message)
}

/** Makes a schema the one of names without a schema. Operators on times with zones are macros, found by the path. */
export async function selectSchema(engine: Engine, schema: 'shadow' | 'lake', hasOperators: boolean): Promise<void> {
  await engine.query(hasOperators ? `SET search_path = '${schema},${ZONE_SCHEMA}'` : `SET schema = '${schema}'`)
}

function macroName(macro: string): string {
  return macro.slice(0, macro.indexOf(' AS ')).split(' ', 5).join(' ')
}
