import type { EngineScripts } from '@/lib/contract/shapes/engine-scripts'
import { asTableIdentifier, namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { sparkString } from '@/lib/changes/statements/spark-sql'
import { ABOUT_KEYS } from '@/lib/iceberg/properties/about'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { SqlDraft, ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import { commentText, pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import { trinoTableName } from '@/lib/sql/trino-table-name'
import { sparkViewName } from './view-lifecycle-statements'

type ScriptedVersion = ViewVersionDraft & { properties: Readonly<Record<string, string>> }
type Script = EngineScripts['spark']

/** Statements for a new view, or for an edit of one, in other engines. Each engine writes the SQL of its own dialect only. */
export function viewScripts(
  view: ViewIdentifier,
  version: ScriptedVersion,
  { isNew, edit }: { isNew: true; edit?: never } | { isNew: false; edit: ViewEdit },
): EngineScripts {
  if (edit?.kind === 'properties') return propertyScripts(view, edit)
  return {
    spark: sparkScript(view, version, isNew),
    trino: trinoScript(view, version, isNew),
    pyiceberg: isNew
      ? pyicebergScript(view, version)
      : missing('#', 'PyIceberg creates views, and does not change them.'),
  }
}

function sparkScript(view: ViewIdentifier, version: ScriptedVersion, isNew: boolean): Script {
  const sql = findSql(version, 'spark')
  if (sql === null) return missing('--', 'The view has no SQL in the dialect spark.')
  const { [ABOUT_KEYS.description]: description, ...properties } = version.properties
  const columns = version.schema.fields.map(
    ({ name, doc }) => `  ${quoteWithBackticks(name)}${doc === undefined ? '' : ` COMMENT ${sparkString(doc)}`}`,
  )
  const entries = Object.entries(properties).map(([key, value]) => `  ${sparkString(key)} = ${sparkString(value)}`)
  const defaultNamespace = [version.defaultCatalog ?? view.catalog, ...version.defaultNamespace]
    .map(quoteWithBackticks)
    .join('.')
  return script([
    `USE ${defaultNamespace};`,
    '',
    `${isNew ? 'CREATE' : 'CREATE OR REPLACE'} VIEW ${sparkViewName(view)} (\n${columns.join(',\n')}\n)`,
    ...(description === undefined ? [] : [`COMMENT ${sparkString(description)}`]),
    ...(entries.length === 0 ? [] : [`TBLPROPERTIES (\n${entries.join(',\n')}\n)`]),
    `AS ${sql};`,
  ])
}

function trinoScript(view: ViewIdentifier, version: ScriptedVersion, isNew: boolean): Script {
  const sql = findSql(version, 'trino')
  if (sql === null) return missing('--', 'The view has no SQL in the dialect trino.')
  const name = trinoTableName(asTableIdentifier(view))
  if (name === null) return missing('--', 'Trino has no name for this view.')
  const defaultNamespace = [
    (version.defaultCatalog ?? view.catalog).toLowerCase(),
    namespaceLabel(version.defaultNamespace),
  ]
  const description = version.properties[ABOUT_KEYS.description]
  return script([
    ...(version.defaultNamespace.length === 0 ? [] : [`USE ${defaultNamespace.map(quoteIdentifier).join('.')};`, '']),
    `${isNew ? 'CREATE' : 'CREATE OR REPLACE'} VIEW ${name}`,
    ...(description === undefined ? [] : [`COMMENT ${quoteString(description)}`]),
    `AS ${sql};`,
  ])
}

function pyicebergScript({ namespace, view }: ViewIdentifier, version: ScriptedVersion): Script {
  const { representations, defaultCatalog, defaultNamespace, schema, properties } = version
  const entries = Object.entries(properties).map(([key, value]) => `${pythonString(key)}: ${pythonString(value)}`)
  const sqls = representations.map(
    ({ dialect, sql }) =>
      `        SQLViewRepresentation(type="sql", dialect=${pythonString(dialect)}, sql=${pythonString(sql)}),`,
  )
  return script([
    'import time',
    '',
    'from pyiceberg.schema import Schema',
    'from pyiceberg.view.metadata import SQLViewRepresentation, ViewVersion',
    '',
    '# catalog is what load_catalog returns.',
    'catalog.create_view(',
    `    (${[...namespace, view].map(pythonString).join(', ')}),`,
    `    schema=Schema.model_validate_json(${pythonString(stringifyExactJson(schemaToJson(schema)))}),`,
    '    view_version=ViewVersion(**{',
    '        "version-id": 1,',
    '        "schema-id": 0,',
    '        "timestamp-ms": int(time.time() * 1000),',
    '        "summary": {"engine-name": "PyIceberg"},',
    ...(defaultCatalog === null ? [] : [`        "default-catalog": ${pythonString(defaultCatalog)},`]),
    `        "default-namespace": [${defaultNamespace.map(pythonString).join(', ')}],`,
    '        "representations": [',
    ...sqls.map((line) => `    ${line}`),
    '        ],',
    '    }),',
    ...(entries.length === 0 ? [] : [`    properties={${entries.join(', ')}},`]),
    ')',
  ])
}

function propertyScripts(view: ViewIdentifier, { changes }: Extract<ViewEdit, { kind: 'properties' }>): EngineScripts {
  const set = changes.flatMap(({ name, value }) =>
    value === null ? [] : [`${sparkString(name)} = ${sparkString(value)}`],
  )
  const removed = changes.flatMap(({ name, value }) => (value === null ? [sparkString(name)] : []))
  const statements = [
    ...(set.length === 0 ? [] : [`ALTER VIEW ${sparkViewName(view)} SET TBLPROPERTIES (${set.join(', ')});`]),
    ...(removed.length === 0 ? [] : [`ALTER VIEW ${sparkViewName(view)} UNSET TBLPROPERTIES (${removed.join(', ')});`]),
  ]
  return {
    spark: { text: statements.join('\n'), commitCount: statements.length, missingCount: 0 },
    trino: missing('--', 'Trino does not change the properties of views.'),
    pyiceberg: missing('#', 'PyIceberg creates views, and does not change them.'),
  }
}

function findSql({ representations }: { representations: readonly SqlDraft[] }, requested: string): string | null {
  return representations.find(({ dialect }) => dialect.toLowerCase() === requested)?.sql ?? null
}

function script(lines: readonly string[]): Script {
  return { text: lines.join('\n'), commitCount: 1, missingCount: 0 }
}

function missing(comment: string, reason: string): Script {
  return { text: `${comment} ${commentText(reason)}`, commitCount: 0, missingCount: 1 }
}
