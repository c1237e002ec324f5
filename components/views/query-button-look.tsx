import { IconTerminal2 } from '@tabler/icons-react'

/** The properties of the button that opens the SQL of a view in Query. */
export function queryButtonLook(dialect: string) {
  const isDuckdb = dialect.toLowerCase() === 'duckdb'
  return {
    variant: 'default',
    size: 'compact-sm',
    leftSection: <IconTerminal2 size={14} stroke={1.6} aria-hidden />,
    children: isDuckdb ? 'Query' : 'Try in Query',
    ...(!isDuckdb && { title: 'Query uses DuckDB, which may interpret this dialect differently' }),
  } as const
}
