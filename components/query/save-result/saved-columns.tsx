import type { TableDetail } from '@/lib/contract/table/tables'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { ResultColumn } from '@/lib/query/engine'
import { savedFields } from '@/lib/query/saved-columns'
import classes from './save-result.module.css'

/** The columns of the table that the result creates. */
export function CreatedColumns({ columns }: { columns: readonly ResultColumn[] }) {
  return (
    <section aria-label="Columns of the new table">
      <h3 className="heading">Columns</h3>
      <ul className={classes.columns}>
        {savedFields(columns).map(({ id, name, type }) => (
          <li key={id} className={classes.column}>
            <span className={classes.name}>{name}</span>
            <span className="secondary dense">{typeLabel(type)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The columns of an existing table, and which of them the result fills. */
export function FilledColumns({ columns, detail }: { columns: readonly ResultColumn[]; detail: TableDetail }) {
  const types = new Map(columns.map(({ name, type }) => [name, typeLabel(type)]))
  return (
    <section aria-label="Columns of the table">
      <h3 className="heading">Columns</h3>
      <ul className={classes.columns}>
        {detail.schema.fields.map(({ id, name, type, required }) => {
          const from = types.get(name)
          return (
            <li key={id} className={classes.column}>
              <span className={classes.name}>
                {name} <span className="secondary dense">{typeLabel(type)}</span>
              </span>
              <span className="secondary dense">
                {from !== undefined ? `from ${from}` : required ? 'missing, and required' : 'not in the result'}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** Why the result does not fit the table, in a sentence; null if its names fit. */
export function columnProblem(columns: readonly ResultColumn[], { schema: { fields } }: TableDetail): string | null {
  const names = new Set(fields.map(({ name }) => name))
  const unknown = columns.find(({ name }) => !names.has(name))
  if (unknown) return `The table has no column ${unknown.name}. Name the columns of the result as those of the table.`
  const missing = fields.find(({ name, required }) => required && !columns.some((column) => column.name === name))
  return missing ? `The result has no column ${missing.name}, which the table requires.` : null
}
