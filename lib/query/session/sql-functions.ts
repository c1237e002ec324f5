import type { SqlFunction } from '@/lib/query/engine'
import type { Engine } from '@/lib/query/duckdb/engine'

/** One signature of each function that a name can stand for: no operators, no internal ones, no readers of files. */
const FUNCTIONS_SQL = `
  SELECT function_name AS name,
    first(function_type ORDER BY len(parameters)) AS kind,
    first(array_to_string(parameters, ', ') ORDER BY len(parameters)) AS parameters,
    first(coalesce(return_type, '') ORDER BY len(parameters)) AS returned,
    first(coalesce(description, '') ORDER BY len(parameters)) AS description
  FROM duckdb_functions()
  WHERE internal AND schema_name = 'main' AND regexp_full_match(function_name, '[a-z][a-z0-9_]*')
    AND (function_type IN ('scalar', 'aggregate', 'macro') OR function_name IN ('range', 'generate_series', 'unnest'))
    AND NOT regexp_matches(function_name, '^(pragma|duckdb|has_|pg_|icu_|getvariable|current_(setting|query|database|schema|catalog|role|user|connection|transaction)|session_user|user$|in_search_path|txid|json_serialize_plan|write_log|sleep_ms|setseed|nextval|currval|parse_duckdb|create_sort_key|can_cast_implicitly|cast_to_type|replace_type|remap_struct|unpivot_list|vector_type|get_block_size|is_histogram|(not_)?i?like_escape|timetz_byte|array_to_string_comma|count_star|stats$)')
  GROUP BY function_name ORDER BY function_name`

/** The functions of an engine, by name. */
export async function readFunctions(engine: Pick<Engine, 'query'>): Promise<readonly SqlFunction[]> {
  const rows = (await engine.query(FUNCTIONS_SQL)).toArray()
  return rows.map((row): SqlFunction => {
    const returned = String(row.returned)
    return {
      name: String(row.name),
      kind: row.kind === 'aggregate' ? 'aggregate' : row.kind === 'table' ? 'table' : 'scalar',
      signature: `${String(row.parameters)}${returned === '' ? '' : ` → ${returned}`}`,
      description: String(row.description),
    }
  })
}
