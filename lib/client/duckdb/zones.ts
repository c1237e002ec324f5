import type { NestedField } from '@/lib/iceberg/schema/types'
import { hasZone } from '@/lib/query/duckdb/duckdb-type'
import { neededMacros, ZONE_SCHEMA, zoneMacros } from '@/lib/query/duckdb/zone-macros'
import { findZoneNames, mentionsZones } from '@/lib/query/duckdb/zone-rewrite'
import type { Token } from '@/lib/query/tokenize'
import type { Engine } from './engine'

/** The macros that an engine has, by their text, and the zones that its statements and views have named. */
const installedByEngine = new WeakMap<Engine, { macros: Set<string>; zones: Set<string> }>()

/** Whether a statement may have values with a time zone. The others run as they are. */
export function usesZones(tokens: readonly Token[], tables: Iterable<{ fields: readonly NestedField[] }>): boolean {
  return mentionsZones(tokens) || [...tables].some(({ fields }) => fields.some(({ type }) => hasZone(type)))
}

/** Defines what rewritten SQL needs for zones. @param sessionZone IANA name */
export async function installMacros(
  engine: Engine,
  sql: string,
  { tokens, sessionZone, hasOperators }: { tokens: readonly Token[]; sessionZone: string; hasOperators: boolean },
): Promise<void> {
  const { macros: installed, zones: knownZones } = installedByEngine.get(engine) ?? {
    macros: new Set(),
    zones: new Set(),
  }
  for (const zone of findZoneNames(tokens)) knownZones.add(zone)
  installedByEngine.set(engine, { macros: installed, zones: knownZones })
  const zones = [sessionZone, ...knownZones]
  const key = zones.join('\n')
  // The same zones in the next statement, and in the next estimate of this one.
  if (lastMacros?.key !== key) lastMacros = { key, macros: zoneMacros(sessionZone, zones) }
  const needed = neededMacros(lastMacros.macros, sql, hasOperators)
  for (const macro of needed) {
    if (installed.has(macro)) continue
    await engine.query(macro)
    // A macro of the same name is replaced.
    const name = macroName(macro)
    for (const other of installed) if (macroName(other) === name) installed.delete(other)
    installed.add(macro)
  }
}

let lastMacros: { key: string; macros: string[] } | null = null

/** Whether DuckDB refused an operator on a time with a zone, for which there is a macro. */
export function needsOperators(error: unknown): boolean {
  return error instanceof Error && /argument types '[+-]\([^']*TIMESTAMP WITH TIME ZONE/.test(error.message)
}

/** Makes a schema the one of names without a schema. Operators on times with zones are macros, found by the path. */
export async function selectSchema(engine: Engine, schema: 'shadow' | 'lake', hasOperators: boolean): Promise<void> {
  await engine.query(hasOperators ? `SET search_path = '${schema},${ZONE_SCHEMA}'` : `SET schema = '${schema}'`)
}

function macroName(macro: string): string {
  return macro.slice(0, macro.indexOf(' AS ')).split(' ', 5).join(' ')
}
