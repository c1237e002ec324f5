'use client'
import { useId } from 'react'
import classes from './new-table.module.css'
import { useTableSource } from './use-table-source'

const CELLS = [
  { source: 'declare', title: 'Declare', detail: 'column by column' },
  { source: 'paste', title: 'Paste', detail: 'SQL, JSON or YAML' },
  { source: 'file', title: 'From a file', detail: 'its columns, to approve' },
] as const

/** The ways in. Each of them only fills the form below. */
export function SourceCells() {
  const [{ source }, setSource] = useTableSource()
  const name = useId()
  return (
    <fieldset className={classes.sources}>
      <legend className="sr-only">Begin with</legend>
      {CELLS.map((cell) => (
        <label key={cell.source} className={classes.source}>
          <input
            type="radio"
            name={name}
            checked={source === cell.source}
            onChange={() => void setSource({ source: cell.source })}
          />
          <span>
            {cell.title}
            <small>{cell.detail}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
