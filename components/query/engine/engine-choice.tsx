'use client'
import type { SelectProps } from '@mantine/core'
import { IconDatabase } from '@tabler/icons-react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { ENGINE_LABELS, ENGINE_NAMES, type EngineName } from '@/lib/client/query/engine-names'
import { formatBytes } from '@/lib/format/bytes'
import { formatDuration } from '@/lib/format/duration'
import type { QueryCost } from '@/lib/query/engine'
import { MAX_LOAD_BYTES } from '@/lib/query/load-limits'
import classes from './engine-choice.module.css'

const CHOICES = ENGINE_NAMES.map((value) => ({ value, label: ENGINE_LABELS[value] }))

/** The limits of one query on the server. */
type ServerLimits = { maxLoadBytes: number; maxSeconds: number }

/** The engine that runs the query, with the limits of each. Only a label if the server runs no queries. */
export function EngineChoice({
  engine,
  server,
  cost,
  onChange,
}: {
  engine: EngineName
  /** Null if the server runs no queries. */
  server: ServerLimits | null
  /** The cost of the query; null while it is unknown. */
  cost: QueryCost | null
  onChange: (engine: EngineName) => void
}) {
  const icon = <IconDatabase size={15} stroke={1.6} aria-hidden />
  if (server === null)
    return (
      <span className={classes.only} title="DuckDB-WASM: queries run on this machine, not on the server">
        {icon}
        {ENGINE_LABELS.browser}
      </span>
    )
  const maxBytes: Record<EngineName, number> = { browser: MAX_LOAD_BYTES, server: server.maxLoadBytes }
  const descriptions: Record<EngineName, string> = {
    browser: `DuckDB on this machine. Loads up to ${formatBytes(maxBytes.browser)} of decoded columns.`,
    server:
      `DuckDB in a separate process. Loads up to ${formatBytes(maxBytes.server)} of decoded columns, ` +
      `and stops after ${formatDuration(server.maxSeconds * 1000)}.`,
  }
  const renderOption: SelectProps['renderOption'] = ({ option: { value, label } }) => {
    const name: EngineName = value === 'server' ? 'server' : 'browser'
    return (
      <span className={classes.option}>
        <span className="strong">{label}</span>
        <span className="secondary small">
          {descriptions[name]} {cost !== null && needText(cost, name, maxBytes[name])}
        </span>
      </span>
    )
  }
  return (
    <LazySelect
      aria-label="Engine"
      leftSection={icon}
      data={CHOICES}
      value={engine}
      onChange={(value) => onChange(value === 'server' ? 'server' : 'browser')}
      allowDeselect={false}
      renderOption={renderOption}
      comboboxProps={{ width: 300, position: 'bottom-start' }}
      className={classes.choice}
    />
  )
}

/** How much of the limit the query needs, as far as the sizes of files tell. */
function needText(
  { decodedBytes, cachedColumns, isEstimate, isFiltered, isFirstRowsOnly }: QueryCost,
  engine: EngineName,
  maxBytes: number,
): string {
  // The server loads all columns itself, and their size is not in an estimate for the browser.
  if (cachedColumns > 0 && engine === 'server') return ''
  if (decodedBytes === 0) return cachedColumns > 0 ? 'All needed columns are already loaded.' : 'This query needs none.'
  const most = isFiltered || isFirstRowsOnly
  const need = `${most ? 'at most ' : ''}${isEstimate ? '≈ ' : ''}${formatBytes(decodedBytes)}`
  if (decodedBytes <= maxBytes) return `This query needs ${need}.`
  return `This query needs ${need}, ${most ? 'which may be' : 'which is'} more.`
}
