'use client'
import { IconDatabase } from '@tabler/icons-react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import type { EngineName } from '@/lib/client/query/engine-names'
import classes from './engine-choice.module.css'

const LABELS: Record<EngineName, string> = { browser: 'Browser', server: 'Server' }
const CHOICES = (['browser', 'server'] as const).map((value) => ({ value, label: LABELS[value] }))

/** The engine that runs the query. Hidden if the server runs no queries. */
export function EngineChoice({
  engine,
  hasServer,
  onChange,
}: {
  engine: EngineName
  hasServer: boolean
  onChange: (engine: EngineName) => void
}) {
  const icon = <IconDatabase size={15} stroke={1.6} aria-hidden />
  if (!hasServer)
    return (
      <span className={classes.only} title="DuckDB-WASM: queries run on this machine, not on the server">
        {icon}
        {LABELS.browser}
      </span>
    )
  return (
    <LazySelect
      aria-label="Engine"
      leftSection={icon}
      data={CHOICES}
      value={engine}
      onChange={(value) => onChange(value === 'server' ? 'server' : 'browser')}
      allowDeselect={false}
      className={classes.choice}
    />
  )
}
