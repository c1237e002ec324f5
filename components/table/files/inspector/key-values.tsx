import { CopyButton } from '@/components/ui/controls/copy-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { CodeBlock } from '@/components/ui/values/code-block'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { ParquetFooter } from '@/lib/parquet/footer'
import classes from './key-values.module.css'

/** More of a value is cut off on the page; a copy has all of it. */
const MAX_SHOWN_CHARS = 20_000
const MAX_SHOWN_KEYS = 500

/** Metadata that writers stored in the footer under their own keys. */
export function KeyValues({ keyValues }: Pick<ParquetFooter, 'keyValues'>) {
  if (keyValues.length === 0) return <EmptyState>The footer has no key-values.</EmptyState>
  const shown = keyValues.slice(0, MAX_SHOWN_KEYS)
  return (
    <Panel title="Key-value metadata" subtitle={formatQuantity(keyValues.length, 'key')} flush>
      <ul className="bare-list">
        {shown.map(({ key, value }, index) => (
          // A key may be there twice.
          <li key={`${index} ${key}`} className={classes.item}>
            <div className="row gap-8">
              <code className="medium breakable">{key}</code>
              <span className={classes.size}>
                {value === null ? 'no value' : `${formatCount(value.length)} characters`}
              </span>
              {value !== null && <CopyButton value={value} label={key} />}
            </div>
            {value !== null && (
              <CodeBlock label={key} className={classes.value}>
                {value.slice(0, MAX_SHOWN_CHARS)}
                {value.length > MAX_SHOWN_CHARS && '…'}
              </CodeBlock>
            )}
          </li>
        ))}
      </ul>
      {keyValues.length > shown.length && (
        <p className={classes.more}>The first {formatCount(shown.length)} of them are shown.</p>
      )}
    </Panel>
  )
}
