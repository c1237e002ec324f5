import { WRITERS } from '@/lib/iceberg/properties/catalogue/property-entry'
import type { TableProperty } from '@/lib/iceberg/properties/table-properties'
import { describeDefault } from './property-field'
import type { PropertyRow } from './property-rows'
import { WRITER_NAMES } from './writer-label'
import classes from './property-details.module.css'

/** The catalogue's full description of a property. Properties that it does not know are labelled unknown. */
export function PropertyDetails({ row: { known, use } }: { row: PropertyRow }) {
  if (known === null) {
    return <p className={classes.note}>Not in the catalogue: its type and the writers that honour it are unknown.</p>
  }
  const { name, honouredBy } = known
  return (
    <dl className={classes.facts}>
      <dt>Type</dt>
      <dd>{typeText(known)}</dd>
      <dt>Default</dt>
      <dd>
        {known.default === null ? (
          'none, or each engine has its own'
        ) : (
          <>
            <code>{known.default}</code> {describeDefault(known)}
          </>
        )}
      </dd>
      <dt>Unit</dt>
      <dd>{known.unit ?? 'none'}</dd>
      <dt>Since</dt>
      <dd>{sinceText(known)}</dd>
      <dt>{name.startsWith('read.') ? 'Readers' : 'Writers'}</dt>
      <dd>
        <ul className={classes.writers}>
          {WRITERS.map((writer) => (
            <li key={writer} data-honours={honouredBy.includes(writer) || undefined}>
              {WRITER_NAMES[writer]}: {honouredBy.includes(writer) ? 'yes' : 'no'}
            </li>
          ))}
        </ul>
        {use.reason !== null && <p className={classes.note}>{use.reason}</p>}
      </dd>
    </dl>
  )
}

function typeText({ values }: TableProperty): string {
  switch (values.kind) {
    case 'text':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'choice':
      return `one of ${values.choices.join(', ')}`
    case 'integer':
      return values.max === null
        ? `whole number from ${values.min}`
        : `whole number from ${values.min} to ${values.max}`
    case 'share':
      return 'number above 0 and below 1'
    case 'metrics-mode':
      return 'none, counts, full or truncate(n)'
    case 'tags':
      return 'words separated by commas'
    case 'name-mapping':
      return 'a name mapping, as JSON'
    case 'value-rule':
      return 'a rule, as JSON'
  }
}

function sinceText({ since, honouredBy }: TableProperty): string {
  if (since !== null) return since.startsWith('PyIceberg') ? since : `Iceberg ${since}`
  return honouredBy.every((writer) => writer === 'lakeshore') && honouredBy.length > 0
    ? 'a property of Lakeshore'
    : 'unknown'
}
