import { VisibleText } from '@/components/ui/values/visible-text'
import type { BulkNamespace } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { joinNamespace, namespaceLabel } from '@/lib/names/identifiers'
import { type BulkCounts, presentStates, STATE_LABELS } from './bulk-states'
import classes from './bulk-bar.module.css'

const LOOKS: Record<BulkTableState, 'bad' | 'warning' | 'people' | 'open' | 'done' | 'quiet'> = {
  failed: 'bad',
  unknown: 'warning',
  'not-undone': 'warning',
  'ready-to-propose': 'people',
  proposed: 'people',
  waiting: 'open',
  ready: 'open',
  undoing: 'open',
  changed: 'done',
  undone: 'done',
  unchanged: 'quiet',
  left: 'open',
}

/** The tables in the order of the run, by namespace: a cell each, or one for several with the worst of their results. */
export function BulkBar({ namespaces, counts }: { namespaces: readonly BulkNamespace[]; counts: BulkCounts }) {
  return (
    <div className="stack gap-6">
      <ul className={classes.bar} aria-label="Namespaces">
        {namespaces.map(({ namespace, namespaceCount, tableCount, cells }) => (
          <li key={namespace === null ? '' : joinNamespace(namespace)} style={{ flexGrow: cells.length }}>
            <div className={classes.cells} aria-hidden>
              {cells.map((state, index) => (
                // A cell is its position in the list.
                <i key={index} data-look={LOOKS[state]} />
              ))}
            </div>
            <span className={classes.label}>
              {namespace === null ? (
                formatQuantity(namespaceCount, 'other namespace', 'other namespaces')
              ) : (
                <VisibleText>{namespaceLabel(namespace)}</VisibleText>
              )}{' '}
              <span className="quiet">{formatCount(tableCount)}</span>
            </span>
          </li>
        ))}
      </ul>
      <ul className={classes.legend} aria-label="Legend">
        {presentStates(counts).map((state) => (
          <li key={state}>
            <i data-look={LOOKS[state]} aria-hidden /> {STATE_LABELS[state]}
          </li>
        ))}
      </ul>
    </div>
  )
}
